import type { MetricResult } from '@spatialgan/metrics';
import { metricTitle, shortNumber } from '../metrics/metricTable.js';
import { chart, type Line } from './chart.js';
import { configDiff } from './configDiff.js';
import { type Html, html, trusted } from './html.js';
import type { ReportedRun } from './readRun.js';
import { reportStyle } from './reportStyle.js';
import { askedCounts, groupBySeeds, latestResults, resultKey, seedMeans } from './seedGroups.js';

const duration = (seconds: number): string => (seconds >= 5400 ? `${(seconds / 3600).toFixed(1)} h` : seconds >= 90 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds)} s`);
const swatch = (run: number): Html => html`<span class="swatch run${run % 6}${run >= 6 ? ' second' : ''}"></span>`;
const interval = (bounds: readonly [number, number] | null): string => (bounds ? `${shortNumber(bounds[0])} to ${shortNumber(bounds[1])}` : '');

function runTable(runs: readonly ReportedRun[]): Html {
  const rows = runs.map(({ name, config, kimg, seconds }, i) => {
    const { generator, name: model } = config.run.model;
    const { batch, r1 } = config.run.training;
    return html`<tr><td class="name">${swatch(i)}${name}</td><td>${model}</td><td>${config.dataset?.name ?? config.data.source}<small>${generator.imgResolution}×${generator.imgResolution}${config.dataset ? `, ${config.dataset.images} images` : ''}</small></td>
<td class="number">${shortNumber(kimg)} of ${config.schedule.kimg}</td><td class="number">${duration(seconds)}</td><td class="number">${batch}</td><td class="number">${r1.gamma}</td><td class="number">${config.seed}</td></tr>`;
  });
  return html`<div class="scroll"><table><thead><tr><th>run</th><th>model</th><th>data</th><th>kimg</th><th>time of training</th><th>batch</th><th>R1 γ</th><th>seed</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

const measuredWith = (result: MetricResult): string => {
  const { extractor, resize, details: { segmenter }, version } = result;
  const counts = askedCounts(result).map(([role, count]) => `${count} ${role}`).join(', ');
  return [counts, extractor ? `${extractor.name} ${extractor.version}` : '', resize ?? '', typeof segmenter === 'string' ? `segmenter ${segmenter}` : '', `metrics version ${version}`].filter(Boolean).join('; ');
};

function valueCell(result: (MetricResult & { readonly kimg: number | null }) | undefined): Html {
  if (!result) return html`<td class="number">-</td>`;
  const bounds = result.interval && ([result.interval.low, result.interval.high] as const);
  return html`<td class="number">${shortNumber(result.value)}<small>${interval(bounds)}</small>${result.counts['matched'] !== undefined && html`<small>${result.counts['matched']} matched</small>`}${result.kimg === null ? null : html`<small>at ${shortNumber(result.kimg)} kimg</small>`}</td>`;
}

function metricsSection(runs: readonly ReportedRun[]): Html {
  const latest = runs.map(latestResults);
  const keys = [...new Set(latest.flatMap((results) => [...results.keys()]))];
  if (keys.length === 0) return html`<h2>Metrics</h2><p class="soft">None yet. Measure with: <code>spatialgan metrics --model RUN</code></p>`;
  const any = (key: string): MetricResult => latest.find((results) => results.has(key))!.get(key)!;
  const groups = groupBySeeds(runs).filter((group) => group.length > 1);
  const means = groups.map(seedMeans);
  const rows = keys.map((key) => html`<tr><td>${metricTitle(any(key))}<small>${measuredWith(any(key))}</small></td>${latest.map((results) => valueCell(results.get(key)))}
${means.map((byKey) => {
  const found = byKey.get(key);
  return found ? html`<td class="number"><strong>${shortNumber(found.mean)}</strong><small>${interval(found.interval)}</small><small>${found.runs} run${found.runs === 1 ? '' : 's'}</small></td>` : html`<td class="number">-</td>`;
})}</tr>`);
  const warnings = [...new Set(latest.flatMap((results) => [...results.values()].flatMap((result) => result.warnings.map(({ message }) => message))))];
  const heads = groups.map((group) => html`<th>mean over ${group.length} seeds<small> (${group.map(({ config }) => config.seed).join(', ')})</small></th>`);
  return html`<h2>Metrics</h2><div class="scroll"><table><thead><tr><th>metric</th>${runs.map(({ name }, i) => html`<th>${swatch(i)}${name}</th>`)}${heads}</tr></thead><tbody>${rows}</tbody></table></div>
<p class="soft">Below each value its 95 % interval, of the sampling of images; a mean over seeds has Student's, of the runs, which had the same configuration but for the seed.</p>
${warnings.length > 0 && html`<ul class="warnings">${warnings.map((warning) => html`<li>${warning}</li>`)}</ul>`}`;
}

/** Metrics that a run measured more than once, over its training. */
function metricCharts(runs: readonly ReportedRun[]): readonly Html[] {
  const lines = new Map<string, { title: string; lines: Line[] }>();
  runs.forEach(({ metrics }, run) => {
    const points = new Map<string, { title: string; points: { kimg: number; value: number }[] }>();
    for (const { kimg, results } of metrics) {
      for (const result of kimg === null ? [] : results) {
        const key = resultKey(result);
        const known = points.get(key) ?? { title: metricTitle(result), points: [] };
        points.set(key, { ...known, points: [...known.points, { kimg: kimg!, value: result.value }] });
      }
    }
    for (const [key, { title, points: own }] of points) {
      if (own.length < 2) continue;
      const sorted = [...own].sort((a, b) => a.kimg - b.kimg);
      lines.set(key, { title, lines: [...(lines.get(key)?.lines ?? []), { run, points: sorted }] });
    }
  });
  return [...lines.values()].map(({ title, lines: own }) => chart(title, own));
}

function curvesSection(runs: readonly ReportedRun[]): Html {
  const names = [...new Set(runs.flatMap(({ curves }) => [...curves.keys()]))].sort();
  const charts = [...metricCharts(runs), ...names.map((name) => chart(name, runs.map(({ curves }, run) => ({ run, points: curves.get(name) ?? [] }))))];
  if (charts.length === 0) return html`<h2>Curves</h2><p class="soft">No statistics yet.</p>`;
  return html`<h2>Curves</h2>${runs.length > 1 && html`<p>${runs.map(({ name }, i) => html`${swatch(i)}${name} &nbsp; `)}</p>`}<div class="charts">${charts}</div>`;
}

function imagesSection(runs: readonly ReportedRun[]): Html {
  if (runs.every(({ sheets }) => sheets.length === 0)) return html``;
  const attends = (run: ReportedRun): string => (run.config.run.training.alignment ? ', attention of D per level' : '');
  return html`<h2>Images and attention</h2>${runs.filter(({ sheets }) => sheets.length > 0).map((run) => html`<h3>${run.name}</h3><p class="soft">A row an image: the image, its heatmap per level${attends(run)}. Latents and layouts are the same at all times.</p>
<div class="sheets">${run.sheets.map(({ file, png }) => html`<figure><img alt="samples of ${run.name}, ${file}" src="data:image/png;base64,${Buffer.from(png).toString('base64')}"><figcaption>at ${shortNumber(Number(/\d+/.exec(file)![0]) / 1000)} kimg</figcaption></figure>`)}</div>`)}`;
}

function configSection(runs: readonly ReportedRun[]): Html {
  const configs = runs.map(({ config: { run, data, seed, init, schedule } }) => ({ model: run.model, training: run.training, data, seed, ...(init === undefined ? {} : { init }), schedule }));
  const different = runs.length > 1 ? configDiff(configs) : [];
  const table = html`<div class="scroll"><table><thead><tr><th>setting</th>${runs.map(({ name }, i) => html`<th>${swatch(i)}${name}</th>`)}</tr></thead><tbody>${different.map(
    ({ path, texts }) => html`<tr><td><code>${path}</code></td>${texts.map((text) => html`<td><code>${text}</code></td>`)}</tr>`,
  )}</tbody></table></div>`;
  return html`<h2>Configuration</h2>${runs.length > 1 && (different.length > 0 ? html`<p>What differs:</p>${table}` : html`<p>The runs have the same configuration.</p>`)}
${runs.map(({ name, config }, i) => html`<details><summary>All of ${name}</summary><p class="soft">Command: <code>${config.command.join(' ')}</code></p><pre><code>${JSON.stringify(configs[i], null, 2)}</code></pre></details>`)}`;
}

function licencesSection(runs: readonly ReportedRun[]): Html {
  const licences = [...new Set(runs.flatMap(({ config }) => config.dataset?.licences ?? []))];
  return licences.length === 0 ? html`` : html`<h2>Licences of the images</h2><ul class="warnings">${licences.map((licence) => html`<li>${licence}</li>`)}</ul>`;
}

/** One page about any number of runs that asks for nothing from anywhere; what runs say is shown as text. */
export function reportPage(runs: readonly ReportedRun[], { title, version }: { readonly title: string; readonly version: string }): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${title}</title><style>${trusted(reportStyle)}</style></head><body><main>
<h1>${title}</h1><p class="soft">${runs.length} run${runs.length === 1 ? '' : 's'}; made by spatialgan ${version}</p>
<h2>Runs</h2>${runTable(runs)}
${metricsSection(runs)}
${curvesSection(runs)}
${imagesSection(runs)}
${configSection(runs)}
${licencesSection(runs)}
</main></body></html>
`.html;
}
