// Starts a GitHub Actions workflow for each recommendation: `repository_dispatch` with the key of the job.
//
//   GITHUB_REPOSITORY=owner/name GITHUB_TOKEN=… WEBHOOK_SECRET=whsec_… node github.ts
//
// GitHub knows no idempotency token: after a crash between its answer and the subscriber's note a second run may start. The
// workflow beside this (github/retrain.yml) ends it: the first run of a key leaves a mark that the second one finds.
import { pathToFileURL } from 'node:url';
import { type StartJob, serve } from './subscriber.ts';

/** Dispatches to the repository `owner/name`. */
export function dispatch(repository: string, token: string, api = 'https://api.github.com'): StartJob {
  return async ({ data }, key) => {
    const response = await fetch(new URL(`/repos/${repository}/dispatches`, api), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/vnd.github+json',
        'content-type': 'application/json',
        'x-github-api-version': '2022-11-28',
      },
      body: JSON.stringify({
        event_type: 'driftline-retrain',
        client_payload: {
          job_key: key,
          model: data.model,
          window_end: data.window.end,
          triggers: data.retrain.triggers,
          features: data.columns.map((column) => column.feature_name),
        },
      }),
    });
    if (!response.ok) throw new Error(`GitHub answered ${response.status}: ${await response.text()}`);
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { GITHUB_REPOSITORY: repository = '', GITHUB_TOKEN: token = '' } = process.env;
  serve(dispatch(repository, token));
}
