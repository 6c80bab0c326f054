import { terminal } from './output.js';
import { runCli } from './runCli.js';

// A reader that has seen enough (`| head`) must not end a training.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
process.exitCode = await runCli(process.argv.slice(2), terminal);
