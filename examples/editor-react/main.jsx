import { SpatialganEditor } from '@spatialgan/editor-sdk/react';
import { StrictMode, Suspense, use, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { loadModel } from './loadModel.js';

// Once, outside of rendering: StrictMode renders and runs effects twice, and a model is to be loaded once.
const loading = loadModel();

/** The application owns the document: it sees every change, and may change or refuse it. */
function App() {
  const runtime = use(loading);
  const [document, setDocument] = useState();
  const regions = document?.layout.levels.flatMap((level) => level.regions).length ?? 0;
  return (
    <div style={{ height: '100%', display: 'grid', gridTemplateRows: 'auto 1fr' }}>
      <p style={{ margin: '8px 16px' }} id="count">{regions} regions</p>
      <SpatialganEditor runtime={runtime} value={document} onChange={setDocument} theme="dark" options={{ truncationPsi: 0.7 }} style={{ minHeight: 0 }} />
    </div>
  );
}

createRoot(document.querySelector('#app')).render(
  <StrictMode>
    <Suspense fallback={<p>Loading the model …</p>}><App /></Suspense>
  </StrictMode>,
);
