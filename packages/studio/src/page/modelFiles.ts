import { byId } from './byId.js';

/** Calls `open` for a file that is picked or dropped on the page. */
export function listenToFiles(open: (file: File) => void): void {
  const input = byId<HTMLInputElement>('file');
  const drop = byId('drop');
  input.addEventListener('change', () => {
    const [file] = input.files ?? [];
    input.value = '';
    if (file) open(file);
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
    event.preventDefault();
    drop.hidden = true;
    const [file] = event.dataTransfer?.files ?? [];
    if (file) open(file);
  });
}
