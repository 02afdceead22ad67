// The results of a replay over HTTP, for as long as somebody wants to look at them.
import { decodeIncidents } from '../codec/incident-history.ts';
import { systemClock } from '../io/clock.ts';
import { type HttpServer, startHttp } from '../io/http.ts';
import { processMetrics } from '../io/prometheus.ts';
import { resultsSnapshot } from '../io/results-snapshot.ts';
import type { ResultStore } from '../ports.ts';
import { quiet } from './quiet-log.ts';

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly models: readonly string[];
  readonly results: ResultStore;
  readonly maxSeries: number;
}

/** Serves what the store holds; history does not expire. Rejects with HTTP_UNAVAILABLE. */
export async function serveResults({
  host,
  port,
  models,
  results,
  maxSeries,
}: ServeOptions): Promise<HttpServer> {
  const snapshot = resultsSnapshot({
    ...{
      store: results,
      models,
      clock: systemClock,
      log: quiet,
      live: false,
      exposeForWindows: 3,
      maxSeries,
    },
  });
  return startHttp({
    ...{ host, port, models, log: quiet, metrics: processMetrics('replay').page, results: snapshot.page },
    latest: (model) => results.latest(model),
    incidents: async (model) => {
      const { incidents } = await results.state(model);
      return incidents === undefined ? [] : [decodeIncidents(incidents)];
    },
    live: () => true,
    ready: [],
  });
}
