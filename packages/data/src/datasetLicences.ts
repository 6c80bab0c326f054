/** The licences that a `dataset.json` of ours states; none for other people's. */
export function datasetLicences(json: string | undefined): readonly string[] {
  if (json === undefined) return [];
  try {
    const { licences } = JSON.parse(json) as { licences?: unknown };
    return Array.isArray(licences) ? licences.filter((line): line is string => typeof line === 'string') : [];
  } catch {
    return []; // whoever needs its labels says that it is malformed
  }
}
