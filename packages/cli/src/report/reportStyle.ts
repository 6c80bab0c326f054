/** The report's style sheet: light and dark by the reader's setting, light in print; colors that colour-blind people tell apart. */
export const reportStyle = `
:root{color-scheme:light dark;--ink:#1c1c1e;--soft:#5b5b62;--paper:#fff;--panel:#f6f6f4;--rule:#dcdcd8;--r0:#0072b2;--r1:#d55e00;--r2:#009e73;--r3:#cc79a7;--r4:#8a6d00;--r5:#3f88c5}
@media(prefers-color-scheme:dark){:root{--ink:#ececee;--soft:#a5a5ad;--paper:#151517;--panel:#1f1f22;--rule:#38383d;--r0:#56b4e9;--r1:#ff8c42;--r2:#2bc99a;--r3:#e59ac4;--r4:#f0e442;--r5:#8fb8de}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif}
main{max-width:1120px;margin:0 auto;padding:32px 20px 64px}
h1{font-size:26px;line-height:1.25;margin:0 0 4px}
h2{font-size:19px;margin:44px 0 12px;padding-bottom:6px;border-bottom:1px solid var(--rule)}
h3{font-size:15px;margin:24px 0 8px;overflow-wrap:anywhere}
p{margin:6px 0;max-width:76ch}
.soft{color:var(--soft)}
.scroll{overflow-x:auto;-webkit-overflow-scrolling:touch}
table{border-collapse:collapse;font-size:14px;min-width:100%}
th,td{text-align:left;padding:7px 14px 7px 0;border-bottom:1px solid var(--rule);vertical-align:top}
th{font-weight:600;color:var(--soft)}
td.number{font-variant-numeric:tabular-nums;white-space:nowrap}
td small{display:block;color:var(--soft);font-size:12px}
td.name{overflow-wrap:anywhere;min-width:13ch}
code{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
pre{background:var(--panel);padding:14px;border-radius:8px;overflow-x:auto;margin:8px 0}
details{margin-top:10px}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:16px}
.chart{margin:0;background:var(--panel);border-radius:8px;padding:10px 10px 6px}
.chart figcaption{font-size:13px;font-weight:600;padding-left:4px;overflow-wrap:anywhere}
.chart svg{display:block;width:100%;height:auto}
.grid{stroke:var(--rule);fill:none}
.tick{font-size:10.5px;fill:var(--soft)}
.line{fill:none;stroke-width:1.6;stroke-linejoin:round}.second{stroke-dasharray:5 3}
.run0{stroke:var(--r0);--own:var(--r0)}.run1{stroke:var(--r1);--own:var(--r1)}.run2{stroke:var(--r2);--own:var(--r2)}.run3{stroke:var(--r3);--own:var(--r3)}.run4{stroke:var(--r4);--own:var(--r4)}.run5{stroke:var(--r5);--own:var(--r5)}
.dot{fill:var(--own)}
.swatch{display:inline-block;width:18px;height:0;border-top:3px solid var(--own);margin-right:8px;vertical-align:4px}.swatch.second{border-top-style:dashed}
.sheets{display:flex;flex-wrap:wrap;gap:16px}
.sheets figure{margin:0;flex:1 1 300px;min-width:0;max-width:100%}
.sheets img{max-width:100%;height:auto;border-radius:6px;background:#181818}
.sheets figcaption{font-size:13px;color:var(--soft)}
ul.warnings{margin:10px 0;padding-left:20px;color:var(--soft);font-size:13.5px}
@media print{:root{--ink:#000;--soft:#444;--paper:#fff;--panel:#fff;--rule:#bbb;--r0:#0072b2;--r1:#d55e00;--r2:#009e73;--r3:#cc79a7;--r4:#8a6d00;--r5:#3f88c5}main{max-width:none;padding:0}.chart,.sheets figure,tr{break-inside:avoid}.charts{grid-template-columns:repeat(3,1fr)}.chart{border:1px solid var(--rule)}h2{break-after:avoid}.scroll{overflow:visible}pre{white-space:pre-wrap}}
`;
