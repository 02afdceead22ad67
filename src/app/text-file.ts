// Text files that the configuration consists of or names.
import { readFile } from 'node:fs/promises';
import { Fault } from '../fault.ts';

/** The text of a file; rejects with CONFIG_UNREADABLE, naming it. */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** What is said of a file that cannot be read. */
export function unreadable(path: string, cause: unknown): Fault {
  return new Fault('CONFIG_UNREADABLE', `cannot read ${path}`, { cause });
}
