/**
 * What an error of the file system says, in words a person can act on: a full disk (ENOSPC, EDQUOT) by its name, else
 * the system's message. Of the error's fields alone, so that no platform is needed.
 */
export function ioReason(cause: unknown): string {
  const { code, message } = cause as { readonly code?: string; readonly message: string };
  return code === 'ENOSPC' || code === 'EDQUOT' ? 'the disk is full; free space' : message;
}
