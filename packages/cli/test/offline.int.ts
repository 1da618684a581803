/** What needs no platform. */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { recordsOfVcon } from '@coachloop/call-ingest/records';
import { type EvaluationResult, EvaluationResult as EvaluationSchema, faultOf } from '@coachloop/contracts';
import { systemClock } from '@coachloop/service-kit';
import { openEmbedded } from '@coachloop/service-kit/adapters';
import { afterAll, describe, expect, it } from 'vitest';
import { cleanUp, coachloop, ended, json, start, temporaryFolder } from './harness/command.ts';
import { vcon } from './harness/samples.ts';

const folder = temporaryFolder();
const file = (name: string, content: unknown): string => {
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  return name;
};
afterAll(cleanUp);

describe('help', () => {
  it('names every command, in groups, and each says what it takes', async () => {
    const { code, stdout } = await coachloop(['help']);
    expect(code).toBe(0);
    const commands = [...stdout.matchAll(/^ {2}([a-z][a-z-]+) /gm)].flatMap(([, name]) => name ?? []);
    expect(commands).toEqual([
      ...['up', 'service', 'replay', 'site', 'config', 'doctor', 'import', 'demo', 'simulate', 'score', 'cases', 'why'],
      ...['events', 'dead-letters', 'verify', 'digest', 'rebuild', 'topics', 'indexes', 'offsets', 'migrate'],
      ...['asyncapi', 'openapi', 'help'],
    ]);
    const helps = await Promise.all(commands.slice(0, -1).map((command) => coachloop([command, '--help'])));
    for (const help of helps) {
      expect(help).toMatchObject({ code: 0, stderr: '' });
      expect(help.stdout).toContain('Usage: coachloop');
    }
  });

  it('says at what rate letters are replayed and given up unless another one is asked for', async () => {
    for (const command of ['replay', 'discard'])
      expect((await coachloop(['dead-letters', command, '--help'])).stdout).toMatch(/--rate .*max.*default: 50/s);
  });

  it('comes without loading what the commands need', async () => {
    const { loaded } = await watched(['--help']);
    expect(loaded.length).toBeGreaterThan(5);
    expect(loaded.filter((path) => /fastify|typebox|node_modules\/pino/.test(path))).toEqual([]);
  });
});

it.each([
  ['cases', { COACHLOOP_URLL: 'http://127.0.0.1:1' }, 'COACHLOOP_URLL is unknown; COACHLOOP_URL may be meant.'],
  ['events', { COACHLOOP_CLOCK_SPED: '3' }, 'COACHLOOP_CLOCK_SPED is unknown; COACHLOOP_CLOCK_SPEED may be meant.'],
  ['verify', { KAFKA_BROKER: 'x' }, 'KAFKA_BROKER is unknown; KAFKA_BROKERS may be meant.'],
])('%s takes no variable that is misspelt: %o', async (command, env, message) => {
  const { code, stderr } = await coachloop([command], { env });
  expect({ code, said: stderr.includes(message) }, stderr).toEqual({ code: 1, said: true });
});

// They try for ten seconds before they say so; meanwhile mistakes are made. Nothing of all this is of another's concern.
describe.concurrent('a server that is away', () => {
  it.each([
    ['topics', 'KAFKA_BROKERS', '127.0.0.1:1', 'LOG_UNAVAILABLE'],
    ['indexes', 'MONGODB_URI', 'mongodb://127.0.0.1:1/none', 'STORE_UNAVAILABLE'],
  ])('ends `%s apply` with what can be done about it', { timeout: 60_000 }, async (command, name, at, error) => {
    const { code, stderr } = await coachloop([command, 'apply'], { env: { [name]: at } });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^coachloop: .*127\.0\.0\.1:1\. Check that .* runs and can be reached from here, then try again(; .*)?\. \(/,
    );
    expect(stderr).toContain(`(${error})`);
  });
});

/** With the modules of ours and of others that the command loads. */
async function watched(args: readonly string[]) {
  const hook = `import { registerHooks } from 'node:module';
registerHooks({ load(url, context, next) { process.stderr.write('loads ' + url + '\\n'); return next(url, context); } });`;
  const result = await coachloop(args, {
    env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hook)}` },
  });
  return { ...result, loaded: [...result.stderr.matchAll(/^loads (.*)$/gm)].flatMap(([, url]) => url ?? []) };
}

describe.concurrent('mistakes', () => {
  it.each([
    [['score', 'nowhere.json'], /nowhere\.json.*FILE_NOT_FOUND/],
    [['score', file('no.json', '{')], /is no JSON.*FILE_UNREADABLE/],
    [['score', file('empty.json', { vcon: '0.0.1', dialog: [] })], /\/dialog.*NOT_SCORABLE/],
    [['score', file('record.json', { callId: 7 })], /is no call record.*NOT_SCORABLE/],
    [['score', file('ok.json', vcon(0)), '--form', 'en.nothing'], /en\.nothing.*en\.voice\/1.*FORM_INVALID/],
    [['up', '--port', 'http'], /--port.*"http".*CONFIG_INVALID/],
    [['up', '--speed', '0'], /--speed.*"0".*ARGUMENT_INVALID/],
    [['simulate', '--start', 'soon'], /"soon".*ARGUMENT_INVALID/],
    [['import', 'nowhere'], /nowhere.*FILE_NOT_FOUND/],
    [['cases', '--stage', 'done'], /assigned.*done.*ARGUMENT_INVALID/],
    [['dead-letters', 'replay'], /LETTER_CHOICE/],
    [['dead-letters', 'replay', 'ID', '--code', 'X'], /LETTER_CHOICE/],
    [['offsets', 'reset', 'qa-scoring', '--topic', 't', '--to', 'here', '--brokers', 'a:1'], /choices are first, end/],
    [['offsets', 'reset', 'qa-scoring', '--to', 'end', '--brokers', 'a:1'], /--topic/],
    [['rebuild', 'calls'], /"calls".*live-metrics.*ARGUMENT_INVALID/],
    [
      ['migrate', '--from', 'nowhere', '--to', 'kafka', '--brokers', 'a:1', '--uri', 'mongodb://a'],
      /nowhere.*MIGRATION_SOURCE_MISSING/,
    ],
    [
      ['migrate', '--from', 'nowhere', '--to', 'kafka', '--brokers', 'a:1', '--uri', ' '],
      /MONGODB_URI.*CONFIG_INVALID/,
    ],
    [['migrate', '--from', 'nowhere', '--to', 'nats'], /kafka.*ARGUMENT_INVALID|Allowed choices are kafka/],
    [['verify', '--data', 'nowhere'], /nowhere.*DATA_FOLDER_MISSING/],
    [['cases', '--url', 'http://127.0.0.1:1'], /127\.0\.0\.1:1 does not answer.*npm start.*SERVER_UNREACHABLE/],
    [['simulate', '--calls', 'many'], /whole number/],
    [['nonsense'], /unknown command/],
  ])('%j says what is wrong and what to do, without a stack trace', async (args, message) => {
    const { code, stdout, stderr } = await coachloop(args, { cwd: folder });
    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('shows the stack where COACHLOOP_DEBUG is true, and not where it is set to false', async () => {
    const stderr = async (debug: string) =>
      (await coachloop(['verify', '--data', 'nowhere'], { cwd: folder, env: { COACHLOOP_DEBUG: debug } })).stderr;
    for (const debug of ['true', '1']) expect(await stderr(debug)).toMatch(/^\s+at /m);
    for (const debug of ['false', '0', '']) expect(await stderr(debug)).not.toMatch(/^\s+at /m);
  });

  it('does not take another web server for the platform', async () => {
    const other = createServer((_request, response) => response.end('<html>')).listen(0, '127.0.0.1');
    await new Promise((listening) => other.once('listening', listening));
    const { port } = other.address() as { port: number };
    const { code, stderr } = await coachloop(['cases', '--url', `http://127.0.0.1:${port}`]);
    other.close();
    expect(code).toBe(1);
    expect(stderr).toMatch(/SERVER_OTHER/);
  });
});

describe('digest of a folder', () => {
  it('says that it is settled only when letters were read, too; and needs no client of a server', async () => {
    const directory = temporaryFolder();
    const append = async (topic: string) => {
      const { log, close } = await openEmbedded({
        directory,
        clock: systemClock,
        onFatal: (error) => console.error(error),
      });
      await log.createTopics([{ name: topic, partitions: 12 }]);
      await log.append([{ topic, key: 'k', headers: {}, value: null }]);
      await close();
    };
    await append('nobody-reads-it');
    const { stdout, loaded } = await watched(['digest', '--data', directory, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ settled: true });
    expect(loaded.length).toBeGreaterThan(100);
    // What only processes on servers need, and the front door to them.
    expect(loaded.filter((path) => /node_modules\/(kafkajs|mongo|@fastify\/reply-from)/.test(path))).toEqual([]);
    await append('call-ingest.dead-letter');
    expect(await json(['digest', '--data', directory])).toMatchObject({ settled: false });
  });
});

describe('score', () => {
  it('gives an evaluation that fits its schema, the same bytes each time, for a vCon as for its record', async () => {
    file('call.json', vcon(3));
    const [record] = recordsOfVcon(vcon(3), Date.now()).records;
    file('call-record.json', record);
    const results = await Promise.all(
      ['call.json', 'call.json', 'call-record.json'].map((name) =>
        coachloop(['score', name, '--json'], { cwd: folder }),
      ),
    );
    const [first] = results;
    for (const result of results) expect(result).toEqual(first);
    const [evaluation, ...rest] = JSON.parse(first?.stdout ?? '') as EvaluationResult[];
    expect(rest).toEqual([]);
    expect(faultOf(EvaluationSchema, evaluation)).toBeNull();
    expect(evaluation?.answers.length).toBeGreaterThan(5);
  });

  it('shows each question with a sign, and where in the call its evidence is', async () => {
    const { code, stdout } = await coachloop(['score', file('shown.json', vcon(7))], { cwd: folder });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+(\.\d)? of 100, (passed|failed)/);
    expect(stdout).toMatch(/✓ .*phrase-found/);
    expect(stdout).toMatch(/✗ .*not-found/);
    expect(stdout).toMatch(/#\d+ \d:\d\d {2}“/);
  });

  it('takes NDJSON, one call per line; what is none is told with its line, and the others are kept', async () => {
    const text = [vcon(3), { vcon: '0.0.1', dialog: [] }, vcon(4)].map((each) => JSON.stringify(each)).join('\n');
    writeFileSync(join(folder, 'lines.ndjson'), text);
    const { code, stdout, stderr } = await coachloop(['score', 'lines.ndjson', '--json'], { cwd: folder });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toHaveLength(2);
    expect(stderr).toMatch(/rejected: .*lines\.ndjson line 2: \/dialog/);
    writeFileSync(join(folder, 'lines.json'), text);
    const misnamed = await coachloop(['score', 'lines.json'], { cwd: folder });
    expect(misnamed.stderr).toContain('the name ends in .ndjson');
  });

  it('finds files from where the user stands, although npm runs us elsewhere', async () => {
    file('here.json', vcon(1));
    const scored = await json<unknown[]>(['score', 'here.json'], { cwd: '/', env: { COACHLOOP_CWD: folder } });
    expect(scored).toHaveLength(1);
  });
});

describe('what describes the platform', () => {
  it('prints AsyncAPI and OpenAPI documents that name topics and routes', async () => {
    const asyncapi = await json<{ asyncapi: string; channels: object }>(['asyncapi']);
    expect(asyncapi.asyncapi).toBe('3.0.0');
    expect(Object.keys(asyncapi.channels)).toContain('call-events');
    const openapi = await json<{ openapi: string; paths: object }>(['openapi']);
    expect(openapi.openapi).toBe('3.1.0');
    for (const path of ['/ingest/v1/vcons', '/qa/v1/evaluations', '/training/v1/cases', '/ops/v1/verify', '/demo/v1'])
      expect(Object.keys(openapi.paths)).toContain(path);
  });

  it('ends in silence when its reader has seen enough', async () => {
    const child = start(['openapi']);
    child.stdout?.once('data', () => child.stdout?.destroy());
    let stderr = '';
    child.stderr?.on('data', (chunk: string) => {
      stderr += chunk;
    });
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('a variable that is set to nothing', () => {
  it('counts as not set: the data folder is the usual one, not the one we stand in', async () => {
    const env = { COACHLOOP_DATA: '', COACHLOOP_URL: ' ', PORT: '', HOST: '' };
    const options = { env, cwd: folder };
    const { stdout } = await coachloop(['doctor', '--json'], options);
    expect(stdout).not.toContain(folder);
    expect(stdout).toMatch(/127\.0\.0\.1:8080/);
    const { stderr } = await coachloop(['cases'], options);
    expect(stderr).not.toMatch(/Invalid URL/);
  });
});

describe('config', () => {
  it('is of `up`, or of the service that is named, and says which', async () => {
    const up = await coachloop(['config']);
    expect(up.stderr).toContain('Of `coachloop up`; `coachloop config SERVICE`');
    expect(up.stdout).toMatch(/^COACHLOOP_STOP_TIMEOUT_MS +5000 +default$/m);
    expect(up.stdout).toMatch(/^COACHLOOP_DATA +– \(\.coachloop\/data, with the demo \.coachloop\/demo\) +default$/m);
    const servers = { KAFKA_BROKERS: 'localhost:9092', MONGODB_URI: 'mongodb://localhost' };
    const service = await coachloop(['config', 'qa-scoring'], { env: servers });
    expect(service.code).toBe(0);
    expect(service.stderr).toBe('Of `coachloop service qa-scoring`.\n');
    expect(service.stdout).toMatch(/^COACHLOOP_STOP_TIMEOUT_MS +20000 +default$/m);
    expect(service.stdout).toMatch(/^COACHLOOP_DATA +– +default$/m);
    expect(await json(['config'])).toMatchObject({
      command: 'up',
      settings: expect.arrayContaining([{ name: 'COACHLOOP_STOP_TIMEOUT_MS', value: 5000, from: 'default' }]),
    });
  });

  it('of a service shows the values, and refuses what the service refuses', async () => {
    const servers = { KAFKA_BROKERS: 'localhost:9092', MONGODB_URI: 'mongodb://localhost' };
    const env = { ...servers, COACHLOOP_SERVICES: 'qa=http://x' };
    const shown = await coachloop(['config', 'console'], { env });
    const started = await coachloop(['service', 'console', '--port', '0'], { env });
    expect(started).toMatchObject({ code: 1, stderr: expect.stringMatching(/COACHLOOP_SERVICES names "qa".*CONFIG_/) });
    expect(shown).toMatchObject({ code: 1, stderr: expect.stringContaining(started.stderr) });
    expect(shown.stdout).toMatch(/^KAFKA_BROKERS +localhost:9092 +environment$/m);
  });
});

describe('rebuild', () => {
  it('does not wait for ever for a generation that is stalled: it says by what, and what is not counted', async () => {
    const health = { stalledMs: 61_000, stallReason: 'handle: The disk is away.', deadLettersOpen: 3 };
    const status = { state: 'building', active: 1, building: { generation: 2 }, lag: 70, health, last: null };
    const server = createServer((_request, response) =>
      response.writeHead(202, { 'content-type': 'application/json' }).end(JSON.stringify(status)),
    ).listen(0, '127.0.0.1');
    await new Promise((listening) => server.once('listening', listening));
    const { port } = server.address() as { port: number };
    const { code, stderr } = await coachloop(['rebuild', 'live-metrics', '--url', `http://127.0.0.1:${port}`]);
    server.close();
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /70 records to go, stalled for 61 s: handle: The disk is away\., 3 dead letters.*REBUILD_STALLED/,
    );
  });
});

describe('doctor', () => {
  it('finds nothing wrong here, and tells a port that another program has', async () => {
    const other = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
    await new Promise((listening) => other.once('listening', listening));
    const { port } = other.address() as { port: number };
    const args = ['doctor', '--data', join(folder, 'data'), '--port', String(port), '--json'];
    const sick = await ended(start(args));
    other.close();
    await new Promise((closed) => other.once('close', closed));
    const well = await ended(start(args));
    const problems = ({ stdout }: { stdout: string }) =>
      (JSON.parse(stdout) as { checks: { name: string; status: string }[] }).checks
        .filter(({ status }) => status === 'problem')
        .map(({ name }) => name);
    expect({ code: sick.code, problems: problems(sick) }).toEqual({ code: 1, problems: ['port'] });
    expect({ code: well.code, problems: problems(well) }).toEqual({ code: 0, problems: [] });
  });
});
