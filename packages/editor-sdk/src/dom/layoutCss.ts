const contrast = /* css */ `
  --sge-bg: light-dark(#ffffff, #000000); --sge-surface: light-dark(#ffffff, #000000); --sge-raised: light-dark(#e8e8e8, #262626);
  --sge-line: light-dark(#000000, #ffffff); --sge-text: light-dark(#000000, #ffffff); --sge-muted: light-dark(#1c1c1c, #f0f0f0);
  --sge-accent: light-dark(#0000c8, #ffe000); --sge-on-accent: light-dark(#ffffff, #000000); --sge-danger: light-dark(#a00000, #ffb0b0);
  --sge-level-0: #ff9a4d; --sge-level-1: #2ff5d3; --sge-level-2: #c9b4ff; --sge-level-3: #ff9ccb; --sge-outline: 2.5px;
`;

/** Colours, spacing and the arrangement of the pieces. */
export const layoutCss = /* css */ `
:host {
  display: block; height: 100%; container: sge-face / inline-size;
  --sge-bg: light-dark(#f4f5f8, #0e1118);
  --sge-surface: light-dark(#ffffff, #171b25);
  --sge-raised: light-dark(#eef0f5, #212736);
  --sge-line: light-dark(#dde1ea, #2a3142);
  --sge-text: light-dark(#171a23, #eef1f8);
  --sge-muted: light-dark(#596176, #9aa4bb);
  --sge-accent: light-dark(#4f46e5, #8b83ff);
  --sge-on-accent: light-dark(#ffffff, #0e1118);
  --sge-danger: light-dark(#c22f3d, #ff7b86);
  --sge-level-0: #ff8a3d;
  --sge-level-1: #21d4b4;
  --sge-level-2: #a98bff;
  --sge-level-3: #ff6fae;
  --sge-radius: 14px;
  --sge-font: 14px/1.4 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
:host([data-theme="light"]) { color-scheme: light; }
:host([data-theme="dark"]) { color-scheme: dark; }
:host([data-theme="contrast"]) { ${contrast} }
@media (prefers-contrast: more) { :host([data-theme="auto"]) { ${contrast} } }
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
.visually-hidden { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.editor {
  display: grid; height: 100%; min-height: 0; gap: 12px; padding: 12px;
  grid-template: "toolbar actions" auto "stage panel" minmax(0, 1fr) "status status" auto / minmax(0, 1fr) 344px;
  background: var(--sge-bg); color: var(--sge-text); font: var(--sge-font);
}
.editor:dir(rtl) { --to: to left; }
.wipe-row { --to: to right; }
.toolbar { grid-area: toolbar; display: flex; flex-wrap: wrap; gap: 10px; align-items: center; }
.actions { grid-area: actions; display: flex; gap: 8px; align-items: center; justify-content: space-between; }
.stage-area { grid-area: stage; min-height: clamp(260px, 56cqi, 460px); container-type: size; display: grid; place-items: center; }
.panel { grid-area: panel; display: flex; flex-direction: column; gap: 12px; overflow: auto; min-height: 0; }
.status { grid-area: status; display: flex; gap: 10px; align-items: center; min-height: 24px; color: var(--sge-muted); font-size: 13px; padding: 0 4px; }
.section { background: var(--sge-surface); border: 1px solid var(--sge-line); border-radius: var(--sge-radius); padding: 14px; display: flex; flex-direction: column; gap: 12px; }
details.section { gap: 0; }
h2, summary, legend { margin: 0; font-size: 12px; font-weight: 650; letter-spacing: .06em; text-transform: uppercase; color: var(--sge-muted); }
h2.is-level { color: var(--sge-text); text-transform: none; letter-spacing: 0; font-size: 14px; display: flex; align-items: center; gap: 8px; }
h2.is-level::before { content: ""; width: 10px; height: 10px; border-radius: 50%; background: var(--level); }
.hint { margin: 0; color: var(--sge-muted); font-size: 13px; }
.panes { display: flex; gap: 16px; align-items: center; justify-content: center; }
.pane { margin: 0; display: flex; flex-direction: column; gap: 6px; width: min(100cqw, 100cqh - 28px); }
.is-wiping .pane { width: min(100cqw, 100cqh - 52px); }
.is-wiping figcaption { display: none; }
.is-comparing { --edited: min(100cqh - 28px, (100cqw - 16px) * .62); }
.is-comparing .pane-edited { width: var(--edited); }
.is-comparing .pane-original { width: min(var(--edited), 100cqw - 16px - var(--edited)); }
.pane figcaption { text-align: center; color: var(--sge-muted); font-size: 13px; }
.panes:not(.is-comparing) figcaption { visibility: hidden; }
@container sge-face (max-width: 820px) {
  .editor {
    height: auto; min-height: 100%; gap: 10px; padding: 10px;
    grid-template: "stage" auto "actions" auto "toolbar" auto "panel" auto "status" auto / minmax(0, 1fr);
  }
  .stage-area { container-type: normal; min-height: 0; }
  @media (min-height: 700px) {
    .editor:not(:has(.is-comparing)) .stage-area { position: sticky; top: 0; z-index: 6; margin: -10px; padding: 10px; background: var(--sge-bg); }
    .pane, .is-wiping .pane { max-width: 52vh; }
  }
  .panes { width: 100%; flex-direction: column-reverse; align-items: center; gap: 10px; }
  .pane, .is-comparing .pane-edited, .is-wiping .pane { width: min(100cqw - 20px, 78vh); }
  .panes:not(.is-comparing) figcaption { display: none; }
  .is-comparing .pane-original { width: min(56cqw, 44vh); }
  .toolbar { justify-content: center; gap: 8px; }
  .panel { overflow: visible; display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 330px), 1fr)); align-items: start; }
  .status { flex-wrap: wrap; }
}
`;
