// Builds the docs site: the guides of docs/guides and the API of every public package, one folder of static files that asks
// no other server. `npm run docs [-- FOLDER]`, default docs-site/.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, LogLevel } from 'typedoc';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = process.argv[2] ?? join(root, 'docs-site');

/** Source file → what one imports it by, of every public entry. */
const entries = new Map(
  readdirSync(join(root, 'packages'))
    .map((folder) => join(root, 'packages', folder))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .flatMap((folder) => {
      const { name, private: hidden, exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      return Object.entries(hidden ? {} : exports)
        .filter(([, target]) => target['spatialgan-source']?.endsWith('.ts'))
        .map(([key, target]) => [join(folder, target['spatialgan-source']), name + key.slice(1)]);
    }),
);

/** The guides in the order that they are asked for; all others follow. */
const first = ['resume', 'which-layer', 'fid', 'no-gpu', 'nan', 'bundlers-and-ssr', 'sizes', 'models-in-and-out', 'licences'];
const guides = [...new Set([...first, ...readdirSync(join(root, 'docs/guides')).filter((file) => file.endsWith('.md')).map((file) => file.slice(0, -3))])];

const app = await Application.bootstrap({
  name: 'SpatialGAN for TypeScript',
  entryPoints: [...entries.keys()],
  tsconfig: join(root, 'scripts/docs.tsconfig.json'),
  projectDocuments: guides.map((name) => join(root, `docs/guides/${name}.md`)),
  readme: join(root, 'docs/site.md'),
  basePath: root,
  customCss: join(root, 'scripts/docs.css'),
  disableSources: true,
  excludeInternal: true,
  hideGenerator: true,
  searchInDocuments: true,
  categorizeByGroup: false,
  sort: ['source-order'],
  sortEntryPoints: false,
  navigation: { includeGroups: false, includeFolders: false },
  validation: { invalidLink: true, notExported: false, notDocumented: false, rewrittenLink: true, invalidPath: true, unusedMergeModuleWith: true },
  logLevel: LogLevel.Warn,
});
const project = await app.convert();
if (!project) process.exit(1);
for (const module of project.children ?? []) {
  const file = module.sources?.[0]?.fullFileName ?? project.getSymbolIdFromReflection(module)?.fileName;
  module.name = entries.get(file) ?? module.name;
}
app.validate(project);
await app.generateDocs(project, out);
if (app.logger.hasErrors() || app.logger.hasWarnings()) {
  console.error(`docs: ${app.logger.errorCount} errors, ${app.logger.warningCount} warnings above`);
  process.exitCode = 1;
} else {
  console.log(`docs: ${relative(process.cwd(), join(out, 'index.html'))}; any static server will do, or open the file`);
}
