import { SpatialganEditor } from '@spatialgan/editor-sdk/react';
import { StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { loadModel } from './loadModel.js';

/** The application owns the document: it sees every change, and may change or refuse it. */
function App() {
  const [runtime, setRuntime] = useState();
  const [document, setDocument] = useState();
  useEffect(() => {
    let unwanted = false;
    loadModel().then((loaded) => (unwanted ? loaded.dispose() : setRuntime(loaded)));
    return () => void (unwanted = true);
  }, []);
  if (!runtime) return <p>Loading the model …</p>;
  const regions = document?.layout.levels.flatMap((level) => level.regions).length ?? 0;
  return (
    <div style={{ height: '100%', display: 'grid', gridTemplateRows: 'auto 1fr' }}>
      <p style={{ margin: '8px 16px' }} id="count">{regions} regions</p>
      <SpatialganEditor runtime={runtime} value={document} onChange={setDocument} theme="dark" options={{ truncationPsi: 0.7 }} style={{ minHeight: 0 }} />
    </div>
  );
}

createRoot(document.querySelector('#app')).render(<StrictMode><App /></StrictMode>);
