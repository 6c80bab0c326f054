/** Buttons, sliders, cards and the status line. */
export const controlsCss = /* css */ `
button { font: inherit; color: inherit; cursor: pointer; }
button:disabled, input:disabled { cursor: default; opacity: .45; }
:is(button, input, select, summary):focus-visible { outline: 2px solid var(--sge-accent); outline-offset: 2px; }
.group { display: flex; background: var(--sge-surface); border: 1px solid var(--sge-line); border-radius: 12px; padding: 2px; gap: 2px; }
.tool, .icon-button { display: inline-flex; align-items: center; justify-content: center; gap: 6px; min-width: 44px; min-height: 44px; padding: 0 10px; border: 0; border-radius: 10px; background: none; color: var(--sge-muted); }
.icon-button { padding: 0; }
:is(.tool, .icon-button):hover:not(:disabled, [aria-pressed="true"]) { color: var(--sge-text); background: var(--sge-raised); }
:is(.tool, .icon-button)[aria-pressed="true"] { color: var(--sge-accent); background: color-mix(in srgb, var(--sge-accent) 14%, transparent); }
.tool-name { font-size: 13px; font-weight: 550; }
.action { display: inline-flex; align-items: center; justify-content: center; gap: 8px; min-height: 44px; padding: 0 14px; border-radius: 12px; border: 1px solid var(--sge-line); background: var(--sge-surface); font-weight: 600; white-space: nowrap; }
.action:hover:not(:disabled) { background: var(--sge-raised); }
.action:active:not(:disabled) { transform: translateY(1px); }
.action.is-primary { background: var(--sge-accent); border-color: transparent; color: var(--sge-on-accent); }
.action.is-primary:hover { background: color-mix(in srgb, var(--sge-accent) 88%, var(--sge-text)); }
.action.is-wanted { animation: sge-want 1.4s ease-in-out infinite; }
.action.is-small { padding: 0 10px; font-size: 13px; gap: 6px; }
.action.is-quiet { color: var(--sge-danger); }
@keyframes sge-want { 50% { box-shadow: 0 0 0 5px color-mix(in srgb, var(--sge-accent) 30%, transparent); } }
.switch { display: inline-flex; align-items: center; gap: 8px; min-height: 44px; padding: 0 6px; border: 0; background: none; font-weight: 600; border-radius: 12px; }
.switch-track { width: 38px; height: 22px; border-radius: 11px; background: var(--sge-line); padding: 2px; transition: background .15s; }
.switch-thumb { display: block; width: 18px; height: 18px; border-radius: 50%; background: #fff; box-shadow: 0 1px 3px #0006; transition: transform .15s; }
.switch[aria-checked="true"] .switch-track { background: var(--sge-accent); }
.switch[aria-checked="true"] .switch-thumb { transform: translateX(16px); }
.editor:dir(rtl) .switch[aria-checked="true"] .switch-thumb { transform: translateX(-16px); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(80px, 1fr)); gap: 10px; }
.card { display: flex; flex-direction: column; gap: 4px; min-width: 0; max-width: 150px; }
.card-pick { padding: 0; border: 2px solid transparent; border-radius: 12px; background: none; overflow: hidden; line-height: 0; aspect-ratio: 1; }
.card-pick canvas { width: 100%; height: 100%; border-radius: 9px; transition: opacity .15s; }
.card-pick[aria-pressed="true"] { border-color: var(--level); }
.is-hidden canvas { opacity: .3; }
.card-foot { display: flex; align-items: center; justify-content: space-between; }
.card-label { display: flex; flex-direction: column; font-size: 12px; line-height: 1.25; min-width: 0; }
.card-label b { font-weight: 600; white-space: nowrap; }
.card-label b::before { content: ""; display: inline-block; width: 8px; height: 8px; border-radius: 50%; background: var(--level); margin-inline-end: 5px; }
.card-label small { color: var(--sge-muted); font-size: 11px; padding-inline-start: 13px; }
.card-eye { position: relative; width: 24px; height: 24px; padding: 0; border: 0; background: none; color: var(--sge-muted); border-radius: 8px; flex: none; }
.card-eye::after { content: ""; position: absolute; inset: -10px; }
.card-eye svg { width: 18px; height: 18px; }
.card-eye:hover { color: var(--sge-text); }
.card-eye[aria-pressed="true"] svg:last-child, .card-eye[aria-pressed="false"] svg:first-child { display: none; }
.fields, .slider, .field { display: flex; flex-direction: column; }
.fields { gap: 12px; }
.slider { display: grid; grid-template-columns: 1fr auto; font-size: 13px; }
.slider output { direction: ltr; unicode-bidi: isolate; color: var(--sge-muted); font-variant-numeric: tabular-nums; }
:is(.slider input, .wipe) { grid-column: 1 / -1; width: 100%; min-width: 0; height: 32px; margin: 0; background: none; appearance: none; cursor: pointer; touch-action: pan-y; }
:is(.slider input, .wipe)::-webkit-slider-runnable-track { height: 6px; border-radius: 3px; background: linear-gradient(var(--to, to right), var(--sge-accent) var(--fill, 0%), var(--sge-line) var(--fill, 0%)); }
:is(.slider input, .wipe)::-moz-range-track { height: 6px; border-radius: 3px; background: linear-gradient(var(--to, to right), var(--sge-accent) var(--fill, 0%), var(--sge-line) var(--fill, 0%)); }
:is(.slider input, .wipe)::-webkit-slider-thumb { appearance: none; width: 20px; height: 20px; margin-top: -7px; border-radius: 50%; background: #fff; border: 1px solid #0002; box-shadow: 0 1px 4px #0005; }
:is(.slider input, .wipe)::-moz-range-thumb { width: 20px; height: 20px; border-radius: 50%; background: #fff; border: 1px solid #0002; box-shadow: 0 1px 4px #0005; }
.row { display: flex; flex-wrap: wrap; gap: 8px; align-items: flex-end; }
.row .action { flex: 1 1 auto; padding: 0 10px; }
.row.is-tight .action { flex: 1 1 0; padding: 0 6px; gap: 5px; }
.field { gap: 4px; font-size: 13px; width: 96px; }
.number { width: 100%; min-height: 44px; padding: 0 10px; border: 1px solid var(--sge-line); border-radius: 12px; background: var(--sge-bg); color: inherit; font: inherit; font-variant-numeric: tabular-nums; appearance: textfield; }
select.number { appearance: none; padding-inline-end: 26px; text-overflow: ellipsis; background-image: linear-gradient(45deg, #0000 50%, var(--sge-muted) 50%), linear-gradient(-45deg, #0000 50%, var(--sge-muted) 50%); background-size: 6px 6px; background-repeat: no-repeat; background-position: calc(100% - 18px) 52%, calc(100% - 12px) 52%; }
.editor:dir(rtl) select.number { background-position: 12px 52%, 18px 52%; }
option { background: var(--sge-surface); color: var(--sge-text); }
.number::-webkit-inner-spin-button { display: none; }
.is-framed { border: 1px solid var(--sge-line); border-radius: 12px; padding: 10px 12px 12px; margin: 0; min-width: 0; }
legend { padding: 0 6px; margin-inline-start: -6px; }
summary { display: flex; align-items: center; min-height: 44px; margin: -14px; padding: 0 14px; cursor: pointer; list-style: none; border-radius: var(--sge-radius); }
summary::-webkit-details-marker { display: none; }
summary::after { content: ""; margin-inline-start: auto; width: 8px; height: 8px; border: solid currentColor; border-width: 0 2px 2px 0; transform: rotate(45deg); transition: transform .15s; }
details[open] > summary::after { transform: rotate(-135deg); }
.disclosed { display: flex; flex-direction: column; gap: 12px; margin-top: 14px; }
.gallery { display: grid; grid-template-columns: repeat(3, 1fr); gap: 8px; }
.gallery-item { padding: 0; border: 2px solid transparent; border-radius: 12px; aspect-ratio: 1; overflow: hidden; background: var(--sge-raised); line-height: 0; }
.gallery-item canvas { width: 100%; height: 100%; border-radius: 9px; }
.gallery-item[aria-pressed="true"] { border-color: var(--sge-accent); }
.gallery-item:not([data-ready]) { animation: sge-wait 1.2s ease-in-out infinite alternate; opacity: 1; }
.gallery-item:hover:not(:disabled) { border-color: var(--sge-line); }
@keyframes sge-wait { to { background: var(--sge-line); } }
.history { position: relative; margin: 0; padding: 0; list-style: none; max-height: 264px; overflow: auto; }
.history-step { display: block; width: 100%; min-height: 44px; padding: 0 12px; border: 0; border-radius: 10px; background: none; text-align: start; font-size: 13px; }
.history-step:hover:not(:disabled) { background: var(--sge-raised); }
.history-step[aria-current] { color: var(--sge-accent); font-weight: 650; background: color-mix(in srgb, var(--sge-accent) 14%, transparent); }
.history-step.is-undone { color: var(--sge-muted); font-style: italic; }
.keys { display: grid; grid-template-columns: auto 1fr; gap: 8px 14px; margin: 0; font-size: 13px; }
.keys dd { margin: 0; color: var(--sge-muted); }
kbd { font: inherit; font-weight: 600; white-space: nowrap; }
.link { border: 0; background: none; min-height: 44px; padding: 0 4px; color: var(--sge-accent); text-decoration: underline; }
.dot { width: 9px; height: 9px; border-radius: 50%; background: #2fbf71; flex: none; }
.status[data-status="synthesizing"] .dot { background: #f4a72c; }
.status[data-status="error"] .dot { background: var(--sge-danger); }
.status[data-status="error"] .status-text { color: var(--sge-danger); }
.status-text { min-width: 88px; }
.facts { font-variant-numeric: tabular-nums; }
.tool-hint { margin-inline-start: auto; unicode-bidi: plaintext; }
@container sge-face (max-width: 1560px) { .tool-name { display: none; } .tool { padding: 0; } }
@container sge-face (max-width: 820px) {
  .toolbar .group { padding: 1px; gap: 0; }
  .toolbar .tools { flex-wrap: wrap; justify-content: center; width: 100%; }
  .tools .tool { flex: 1 0 18%; }
  .actions { justify-content: center; }
  .actions .action { flex: 1; }
  .tool-hint { margin: 0; width: 100%; }
}
@media (prefers-reduced-motion: reduce) { *, *::before, *::after { animation: none !important; transition: none !important; } }
:host([data-theme="contrast"]) :is(.tool, .icon-button)[aria-pressed="true"] { box-shadow: inset 0 0 0 2px var(--sge-accent); }
:host([data-theme="contrast"]) .stage .outlines, :host([data-theme="contrast"]) .stage .handles { opacity: 1; }
:host([data-theme="contrast"]) .outline { opacity: .9; }
@media (forced-colors: active) {
  .handle::before, .grip::before, .outline, .card, .dot { forced-color-adjust: none; }
  :is(.tool, .icon-button, .card-pick, .gallery-item)[aria-pressed="true"], .history-step[aria-current] { outline: 2px solid Highlight; }
  .switch-track, .switch-thumb { border: 1px solid; }
}
`;
