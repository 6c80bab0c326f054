/** Where a command writes; tests put their own in its place. */
export interface Output {
  /** Results and progress. */
  info(text: string): void;
  /** Things the user should look at. */
  warn(text: string): void;
  /** Why a command failed. */
  error(text: string): void;
}

/** Standard output and error. */
export const terminal: Output = {
  info: (text) => void process.stdout.write(`${text}\n`),
  warn: (text) => void process.stderr.write(`warning: ${text}\n`),
  error: (text) => void process.stderr.write(`error: ${text}\n`),
};
