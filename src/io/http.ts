// The HTTP server: metrics for Prometheus, probes for whoever runs the process, results and incidents as JSON. Read-only.
import { createHash, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { currentState } from '../alert/history.ts';
import type { IncidentHistory } from '../alert/incident.ts';
import { incidentId } from '../codec/cloud-event.ts';
import { Fault } from '../fault.ts';
import type { Log, StoredResult } from '../ports.ts';

export interface Probe {
  readonly name: string;
  /** False, a rejection, or no answer within two seconds means: not ready. */
  check(): boolean | Promise<boolean>;
}

export interface HttpOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** When given, everything except the probes asks for `Authorization: Bearer <token>`. */
  readonly token?: string;
  /** Serves HTTPS. PEM texts; with `clientCa`, whoever has no certificate of these authorities is not let in. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa?: string };
  /** The page of this process' metrics. */
  metrics(): Promise<string>;
  /** The page of all window results; the same text again means that nothing changed. */
  results(): Promise<{ readonly text: string }>;
  readonly models: readonly string[];
  latest(model: string): Promise<readonly StoredResult[]>;
  incidents(model: string): Promise<readonly IncidentHistory[]>;
  /** Whether the process makes progress. No outage of Kafka or Redis may say no here: a restart would not help. */
  live(): boolean;
  readonly ready: readonly Probe[];
  readonly log: Log;
}

export interface HttpServer {
  /** `http://host:port` or `https://host:port` as bound. */
  readonly address: string;
  /** Refuses new requests and resolves when those in hand are answered, or cut off after five seconds. */
  close(): Promise<void>;
}

const metricsType = 'text/plain; version=0.0.4; charset=utf-8';
const probeTimeoutMs = 2000;
const connectionsMax = 64;
/** Who has not said what they want within this time is cut off; Node looks only every half minute unless told. */
const headersTimeoutMs = 5000;
const timeoutCheckMs = 1000;
/** Requests in hand may take so long once the server closes: less than what a supervisor waits for the process. */
const closeGraceMs = 5000;
const compress = promisify(gzip);

const securityHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/** Starts listening. Throws HTTP_UNAVAILABLE when the address cannot be had, CONFIG_INVALID for a certificate that is none. */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const server = newServer(options);
  server.server.maxConnections = connectionsMax;
  // Connections that are held and not used must not keep the probes out: the next attempt finds room.
  server.server.on('drop', () => server.server.closeIdleConnections());
  guard(server, options);
  pages(server, options);
  probes(server, options);
  api(server, options);
  try {
    return {
      address: await server.listen({ host: options.host, port: options.port }),
      close: () => close(server),
    };
  } catch (cause) {
    await server.close();
    const message = `Cannot listen on ${options.host}:${options.port}: ${cause instanceof Error ? cause.message : cause}`;
    throw new Fault('HTTP_UNAVAILABLE', message, { cause });
  }
}

/** Half a request would hold the server open: its time limits end with the listening. */
async function close(server: FastifyInstance): Promise<void> {
  const timer = setTimeout(() => server.server.closeAllConnections(), closeGraceMs);
  try {
    await server.close();
  } finally {
    clearTimeout(timer);
  }
}

function newServer({ tls }: HttpOptions): FastifyInstance {
  const settings = {
    logger: false,
    bodyLimit: 1024,
    requestTimeout: 30_000,
    connectionTimeout: 90_000,
    keepAliveTimeout: 75_000,
    routerOptions: { maxParamLength: 512 },
  };
  const bounds = {
    headersTimeout: headersTimeoutMs,
    connectionsCheckingInterval: timeoutCheckMs,
    maxHeaderSize: 16_384,
  };
  if (tls === undefined) return fastify({ ...settings, http: bounds });
  const { clientCa, ...own } = tls;
  const clients = clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true };
  try {
    // The type of a server tells HTTP and HTTPS apart; what follows is the same for both.
    return fastify({ ...settings, https: { ...bounds, ...own, ...clients } }) as unknown as FastifyInstance;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Fault('CONFIG_INVALID', `http.tls: certificate and key cannot be used: ${reason}`, { cause });
  }
}

function guard(server: FastifyInstance, { token, log }: HttpOptions): void {
  server.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return reply.code(405).header('allow', 'GET, HEAD').send({ error: 'This server is read-only.' });
    }
    const open = request.routeOptions.url === '/healthz' || request.routeOptions.url === '/readyz';
    if (token !== undefined && !open && !isBearer(request.headers.authorization, token)) {
      return reply
        .code(401)
        .header('www-authenticate', 'Bearer')
        .send({ error: 'A bearer token is needed.' });
    }
    return undefined;
  });
  server.setNotFoundHandler((_, reply) => reply.code(404).send({ error: 'There is nothing here.' }));
  server.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const { statusCode = 500 } = error;
    if (statusCode < 500) return reply.code(statusCode).send({ error: error.message });
    log.error({ error, url: request.routeOptions.url }, 'A request failed.');
    // The message may name hosts and keys: it goes to the log only.
    const external = error instanceof Fault && error.domain === 'external';
    return reply.code(external ? 503 : 500).send({ error: external ? error.code : 'Internal error' });
  });
}

/** Compares digests, so that neither the time taken nor a length tells anything about the token. */
function isBearer(header: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));
}

function pages(server: FastifyInstance, { metrics, results }: HttpOptions): void {
  const sendMetrics = pageSender();
  const sendResults = pageSender();
  server.get('/metrics', async (request, reply) => sendMetrics(request, reply, await metrics()));
  server.get('/metrics/results', async (request, reply) =>
    sendResults(request, reply, (await results()).text),
  );
}

/** Sends a page, compressed where the client takes it; an unchanged page is compressed once. */
function pageSender(): (request: FastifyRequest, reply: FastifyReply, text: string) => Promise<unknown> {
  let last: { readonly text: string; readonly compressed: Buffer } | undefined;
  return async (request, reply, text) => {
    reply.header('content-type', metricsType).header('vary', 'accept-encoding');
    if (!acceptsGzip(request.headers['accept-encoding'])) return reply.send(text);
    if (last?.text !== text) {
      last = { text, compressed: await compress(text, { level: constants.Z_BEST_SPEED }) };
    }
    return reply.header('content-encoding', 'gzip').send(last.compressed);
  };
}

function acceptsGzip(header: string | string[] | undefined): boolean {
  return String(header ?? '')
    .split(',')
    .some((coding) => /^\s*(gzip|\*)\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/i.test(coding));
}

function probes(server: FastifyInstance, { live, ready, log }: HttpOptions): void {
  server.get('/healthz', async (_, reply) => {
    const alive = live();
    return reply.code(alive ? 200 : 503).send({ status: alive ? 'ok' : 'stalled' });
  });
  server.get('/readyz', async (_, reply) => {
    const answers = await Promise.all(ready.map((probe) => passes(probe, log)));
    const failing = ready.filter((_, i) => !answers[i]).map(({ name }) => name);
    return reply.code(failing.length === 0 ? 200 : 503).send({
      status: failing.length === 0 ? 'ok' : 'not_ready',
      failing,
    });
  });
}

async function passes({ name, check }: Probe, log: Log): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, probeTimeoutMs, false);
  });
  try {
    return await Promise.race([check(), timeout]);
  } catch (error) {
    log.debug({ error, probe: name }, 'A readiness check failed.');
    return false;
  } finally {
    clearTimeout(timer);
  }
}

function api(server: FastifyInstance, { models, latest, incidents }: HttpOptions): void {
  const known = new Set(models);
  const querystring = {
    type: 'object',
    required: ['model'],
    properties: { model: { type: 'string', maxLength: 256 } },
  } as const;
  const forModel = (path: string, answer: (model: string, reply: FastifyReply) => Promise<unknown>) =>
    server.get<{ Querystring: { model: string } }>(
      path,
      { schema: { querystring } },
      async (request, reply) => {
        const { model } = request.query;
        if (!known.has(model)) return reply.code(404).send({ error: 'This model is not configured.' });
        return answer(model, reply);
      },
    );
  server.get('/api/v1/models', async () => ({ models }));
  forModel('/api/v1/results/latest', async (model, reply) => {
    const documents = (await latest(model)).map(({ document }) => document);
    return reply.header('content-type', 'application/json; charset=utf-8').send(`[${documents.join(',')}]`);
  });
  forModel('/api/v1/incidents', async (model) => ({
    incidents: (await incidents(model)).flatMap(openIncidents),
  }));
}

function openIncidents(history: IncidentHistory) {
  const { model, segment } = history;
  return currentState(history).incidents.map(({ rule, incident, severity, columns }) => ({
    incident: incidentId({ model, segment, rule, incident }),
    model,
    segment,
    rule,
    severity,
    opened: { start: new Date(incident.start).toISOString(), end: new Date(incident.end).toISOString() },
    columns,
  }));
}
