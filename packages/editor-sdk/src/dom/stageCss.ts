/** The picture, and the regions on it. */
export const stageCss = /* css */ `
.stage, .frame { position: relative; aspect-ratio: 1; border-radius: var(--sge-radius); background: #0b0d13; box-shadow: 0 0 0 1px var(--sge-line), 0 12px 36px #0000002e; }
.stage { touch-action: none; user-select: none; -webkit-user-select: none; }
.stage > canvas, .frame > canvas, .outlines { position: absolute; inset: 0; width: 100%; height: 100%; border-radius: inherit; }
.stage > canvas:not(.image), .outlines, .handles { pointer-events: none; }
.stage > canvas.attention { opacity: .62; }
.wipe-line { position: absolute; top: 0; bottom: 0; width: 2px; margin-left: -1px; background: #fff; box-shadow: 0 0 0 1px #0008; pointer-events: none; }
.wipe-row { display: flex; align-items: center; gap: 12px; min-height: 44px; color: var(--sge-muted); font-size: 13px; }
.wipe { flex: 1; }
.outlines { overflow: hidden; contain: strict; transition: opacity .25s; }
.outline { fill: none; stroke: var(--level); stroke-width: var(--sge-outline, 1.25px); opacity: .45; }
.outline.is-following { opacity: .85; stroke-dasharray: 4 4; }
.outline.is-selected { opacity: 1; stroke-width: 2.25px; fill: var(--level); fill-opacity: .12; }
.outline.is-faded { stroke-dasharray: 1 5; }
.handles { position: absolute; inset: 0; contain: layout size style; transition: opacity .25s; }
.handle, .grip { position: absolute; width: 44px; height: 44px; margin: -22px 0 0 -22px; padding: 0; border: 0; background: none; border-radius: 50%; pointer-events: auto; cursor: inherit; touch-action: none; display: grid; place-items: center; }
.handle::before { content: ""; width: var(--dot, 12px); height: var(--dot, 12px); border-radius: 50%; background: var(--level); border: 2px solid #fff; box-shadow: 0 0 0 1px #0007, 0 2px 8px #0009; transition: transform .12s; }
.handle[data-level="0"] { --dot: 22px; z-index: 1; }
.handle[data-level="1"] { --dot: 16px; z-index: 2; }
.handle[data-level="2"] { --dot: 12px; z-index: 3; }
.handle:hover::before { transform: scale(1.15); }
.handle.is-selected { z-index: 4; }
.handle.is-selected::before { transform: scale(1.15); box-shadow: 0 0 0 1px #0007, 0 0 0 5px color-mix(in srgb, var(--level) 45%, transparent), 0 2px 8px #0009; }
.handle.is-faded::before { background: transparent; border-color: var(--level); border-style: dotted; }
.handle:focus-visible { outline: 2.5px solid #fff; outline-offset: -6px; box-shadow: inset 0 0 0 4px #0009; }
.handle.is-locked::after { content: ""; position: absolute; width: 10px; height: 8px; border-radius: 2px; background: #fff; box-shadow: 0 0 0 1px #000a; }
.grip { z-index: 5; cursor: nwse-resize; }
.grip::before { content: ""; width: 12px; height: 12px; border-radius: 4px; background: #fff; border: 3px solid var(--level); box-shadow: 0 0 0 1px #0007; }
:is(.grip.is-width, .grip.is-height)::before { width: 8px; height: 18px; border-width: 2px; transform: rotate(var(--turn)); }
.grip.is-rotate { cursor: alias; }
.grip.is-rotate::before { width: 14px; height: 14px; border-radius: 50%; border-color: #fff; background: var(--level); }
.stage.is-dragging, .stage.is-dragging .handle { cursor: grabbing; }
.badge { position: absolute; left: 50%; bottom: 14px; translate: -50% 0; padding: 6px 12px; border-radius: 999px; background: #0b0d13cc; color: #fff; font-size: 13px; white-space: nowrap; pointer-events: none; }
.stage[data-current="false"][data-status="synthesizing"]::after { content: ""; position: absolute; right: 12px; top: 12px; width: 18px; height: 18px; border-radius: 50%; border: 2.5px solid #fff6; border-top-color: #fff; opacity: 0; pointer-events: none; animation: sge-spin .8s linear infinite, sge-appear .1s .3s forwards; }
@keyframes sge-spin { to { transform: rotate(1turn); } }
@keyframes sge-appear { to { opacity: 1; } }
@media (hover: hover) {
  .stage:not(:hover, :focus-within, .is-dragging) .outlines { opacity: .45; }
  .stage:not(:hover, :focus-within, .is-dragging) .handles { opacity: .8; }
}
`;
