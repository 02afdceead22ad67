// Where the files of the shared reference data lie.
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..', process.env.DRIFTLINE_DATA ?? '../shared/data');

/** The path of a file of a data set; whether it is there is told by `haveData` of test/drift/reference-data.ts. */
export function referenceFile(dataSet: string, name: string): string {
  return resolve(root, dataSet, name);
}
