import { documentFromText, readPngDocument, type SharedDocument } from '@spatialgan/share';
import { isSpatialGANError } from '@spatialgan/schema';
import { byId } from './byId.js';

export interface FileHandlers {
  readonly model: (file: File) => void;
  readonly document: (document: SharedDocument) => void;
  readonly photo: (file: Blob) => void;
  readonly fail: (error: unknown) => void;
}

async function handle(file: File, { model, document, photo, fail }: FileHandlers): Promise<void> {
  try {
    if (/\.json$/i.test(file.name)) return document(documentFromText(await file.text()));
    if (!file.type.startsWith('image/')) return model(file);
    if (file.type !== 'image/png') return photo(file);
    try {
      document(readPngDocument(new Uint8Array(await file.arrayBuffer())));
    } catch (error) {
      // An image that this page has not saved is a photo like any.
      if (!isSpatialGANError(error, 'DATA') || !/layout inside/.test(error.message)) throw error;
      photo(file);
    }
  } catch (error) {
    fail(error);
  }
}

/** Opens the system's file dialog; must be called from a click. */
export type PickFile = (accept: string) => void;

/** Takes files that are dropped on the page, pasted or picked, by what they are. */
export function listenToFiles(handlers: FileHandlers): PickFile {
  const drop = byId('drop');
  const input = byId<HTMLInputElement>('file');
  input.addEventListener('change', () => {
    const [file] = input.files ?? [];
    input.value = '';
    if (file) void handle(file, handlers);
  });
  const carriesFile = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
  addEventListener('dragover', (event) => {
    if (!carriesFile(event)) return;
    event.preventDefault();
    drop.hidden = false;
  });
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) drop.hidden = true;
  });
  addEventListener('drop', (event) => {
    if (!carriesFile(event)) return;
    event.preventDefault();
    drop.hidden = true;
    const [file] = event.dataTransfer?.files ?? [];
    if (file) void handle(file, handlers);
  });
  addEventListener('paste', (event) => {
    const [file] = event.clipboardData?.files ?? [];
    if (file) void handle(file, handlers);
  });
  return (accept) => {
    input.accept = accept;
    input.click();
  };
}
