import type { ModelRuntime } from '@spatialgan/schema';
import { createElement, useEffect, useImperativeHandle, useLayoutEffect, useReducer, useRef, useState, type CSSProperties, type ReactElement, type Ref } from 'react';
import { bindDocument, type DocumentBinding } from './boundDocument.js';
import { createEditor } from './createEditor.js';
import type { EditorDocument } from './document.js';
import { mountEditor, type MountOptions } from './dom/mountEditor.js';
import type { Editor, EditorOptions } from './editor.js';

export interface SpatialganEditorProps extends MountOptions {
  /** The model; another one makes another editor. */
  readonly runtime: ModelRuntime;
  /** The document, if the application owns it: each change is proposed by `onChange` and stands when it comes back as `value`. */
  readonly value?: EditorDocument | undefined;
  /** The document at the start, if the editor owns it. */
  readonly defaultValue?: EditorDocument;
  readonly onChange?: (document: EditorDocument) => void;
  readonly readOnly?: boolean;
  readonly synthesis?: 'auto' | 'manual';
  /** More options of the editor, read when it is made. */
  readonly options?: Omit<EditorOptions, 'runtime'>;
  readonly ref?: Ref<Editor | null>;
  readonly editorRef?: Ref<Editor | null>;
  readonly className?: string;
  readonly style?: CSSProperties;
}

const useBrowserEffect = typeof document === 'undefined' ? useEffect : useLayoutEffect;

/** The editor as a React component, controlled (`value`) or not (`defaultValue`); an empty `<div>` on a server. React 18: pass `editorRef`, not `ref`. */
export function SpatialganEditor(props: SpatialganEditorProps): ReactElement {
  const { runtime, value, readOnly = false, synthesis = 'auto', theme, lang, compare, messages, ref, editorRef, className, style } = props;
  const host = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  const binding = useRef<DocumentBinding>(undefined);
  const [editor, setEditor] = useState<Editor | null>(null);
  const [, answer] = useReducer((n: number) => n + 1, 0);
  latest.current = props;

  useBrowserEffect(() => {
    const { value: first, defaultValue, options } = latest.current;
    const start = first ?? defaultValue;
    const made = createEditor({ ...options, runtime, readOnly, synthesis, ...(start && { document: start }) });
    const bound = bindDocument(made, (document) => {
      latest.current.onChange?.(document);
      answer(); // so that a refused change is taken back, too
    });
    binding.current = bound;
    setEditor(made);
    return () => {
      bound.stop();
      made.dispose();
      setEditor(null);
    };
  }, [runtime]);
  useBrowserEffect(() => {
    if (!editor || !host.current) return;
    const given = { theme, lang, compare, messages };
    return mountEditor(editor, host.current, Object.fromEntries(Object.entries(given).filter(([, option]) => option !== undefined)));
  }, [editor, theme, lang, compare, messages]);
  useBrowserEffect(() => binding.current?.give(value));
  useBrowserEffect(() => editor?.setReadOnly(readOnly), [editor, readOnly]);
  useBrowserEffect(() => editor?.setSynthesis(synthesis), [editor, synthesis]);
  useImperativeHandle<Editor | null, Editor | null>(ref ?? editorRef, () => editor, [editor]);
  return createElement('div', { ref: host, className, style });
}
