// The results page of all models as the store has it: loaded when something changed, equal on every replica.
import type { IncidentHistory } from '../alert/incident.ts';
import { decodeIncidents } from '../codec/incident-history.ts';
import type { Clock, Log, ResultStore, StoredResult } from '../ports.ts';
import { type ResultsPage, renderResults } from './results-page.ts';

export interface SnapshotOptions {
  readonly store: Pick<ResultStore, 'heads' | 'latest' | 'state'>;
  readonly models: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  /** True when windows are of now: an old one is then no longer shown. False for replayed history. */
  readonly live: boolean;
  readonly exposeForWindows: number;
  readonly maxSeries: number;
}

export interface ResultsSnapshot {
  /** The page as of now. Without the store it is the page of the last load, less what has expired since. */
  page(): Promise<ResultsPage>;
  /** Whether the store has been read once: before that there is nothing to show. */
  loaded(): boolean;
}

interface Loaded {
  readonly heads: readonly string[];
  readonly results: readonly StoredResult[];
  readonly histories: readonly IncidentHistory[];
}

/**
 * A snapshot that asks the store for its heads at every page, and reads it only where they have changed. Pages asked for
 * at the same time are one. Rejects with what the store says while there is nothing to show yet.
 */
export function resultsSnapshot(options: SnapshotOptions): ResultsSnapshot {
  const { store, models, clock, log, live, exposeForWindows, maxSeries } = options;
  let held: Loaded | undefined;
  let rendered: { readonly of: Loaded; readonly page: ResultsPage } | undefined;
  let running: Promise<ResultsPage> | undefined;

  async function load(): Promise<Loaded> {
    // Read first: what changes during the load is then seen by the next one.
    const heads = await store.heads(models);
    if (held !== undefined && heads.every((head, i) => head === held?.heads[i])) return held;
    const results = await Promise.all(models.map((model) => store.latest(model)));
    const states = await Promise.all(models.map((model) => store.state(model)));
    const histories = states.flatMap(({ incidents }) =>
      incidents === undefined ? [] : [decodeIncidents(incidents)],
    );
    return { heads, results: results.flat(), histories };
  }

  async function current(): Promise<ResultsPage> {
    try {
      held = await load();
    } catch (error) {
      if (held === undefined) throw error;
      log.warn({ error }, 'The results cannot be loaded; the page shows the last that were.');
    }
    const now = clock.now();
    if (rendered?.of !== held || (live && now >= rendered.page.validUntil)) {
      const page = renderResults(held.results, held.histories, {
        expireBy: live ? now : undefined,
        exposeForWindows,
        maxSeries,
      });
      rendered = { of: held, page };
      if (page.dropped > 0)
        log.warn({ dropped: page.dropped, max_series: maxSeries }, 'The results page leaves out series.');
    }
    return rendered.page;
  }

  return {
    page: () => {
      running ??= current().finally(() => {
        running = undefined;
      });
      return running;
    },
    loaded: () => held !== undefined,
  };
}
