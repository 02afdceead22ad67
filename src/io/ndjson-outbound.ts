// The Outbound over files: one NDJSON file per topic in a folder, and a look at every message on its way.
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../fault.ts';
import type { Outbound, OutboundMessage, OutboundTopic } from '../ports.ts';

export interface NdjsonOutbound extends Outbound {
  /** Paths of the files, whether or not a message went there. */
  readonly paths: readonly string[];
  close(): Promise<void>;
}

const names: Readonly<Record<OutboundTopic, string>> = {
  results: 'results.ndjson',
  alerts: 'alerts.ndjson',
  dead_letters: 'dead-letters.ndjson',
};

/**
 * Creates the folder and the files, empty; without a folder messages are only looked at. `look` sees every message once it
 * is written. Rejects with OUTPUT_UNWRITABLE when the folder cannot be written.
 */
export async function createNdjsonOutbound(
  folder: string | undefined,
  look: (message: OutboundMessage) => void = () => undefined,
): Promise<NdjsonOutbound> {
  const files = new Map<OutboundTopic, FileHandle>();
  const paths: string[] = [];
  if (folder !== undefined) {
    await mkdir(folder, { recursive: true }).catch((cause) => refuse(folder, cause));
    for (const [topic, name] of Object.entries(names) as [OutboundTopic, string][]) {
      const path = join(folder, name);
      files.set(topic, await open(path, 'w').catch((cause) => refuse(path, cause)));
      paths.push(path);
    }
  }
  return {
    paths,
    async send(messages) {
      for (const [topic, file] of files) {
        const lines = messages.filter((message) => message.topic === topic).map(({ value }) => `${value}\n`);
        if (lines.length > 0) await file.appendFile(lines.join(''));
      }
      messages.forEach(look);
    },
    async close() {
      for (const file of files.values()) await file.close();
    },
  };
}

function refuse(path: string, cause: unknown): never {
  throw new Fault('OUTPUT_UNWRITABLE', `cannot write ${path}`, { cause });
}
