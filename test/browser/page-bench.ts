import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AxeResults, RunOptions } from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { type Running, startCli } from '../cli/built-cli.ts';

/** Steps of a scripted agent, as in a definition. */
export type Steps = readonly Readonly<Record<string, unknown>>[];

export interface SessionOptions {
  readonly dependsOn?: readonly (string | { readonly session: string; readonly when: string })[];
  readonly [more: string]: unknown;
}

/** A session in a project of its own. */
export const session = (id: string, steps: Steps, more: SessionOptions = {}): Session => ({
  id,
  projectPath: id,
  prompt: 'Work.',
  agent: { kind: 'scripted', steps },
  ...more,
});

export interface Session {
  readonly id: string;
  readonly projectPath: string;
  readonly prompt: string;
  readonly agent: Readonly<Record<string, unknown>>;
  readonly [more: string]: unknown;
}

/** A real `serve` with a data folder of its own, and a real Chromium. */
export class PageBench {
  readonly folder = mkdtempSync(join(tmpdir(), 'session-groups-page-'));
  /** Console messages that the test itself causes; until its end, because a browser may report them late. */
  readonly allowed: RegExp[] = [];
  readonly problems: string[] = [];
  readonly hosts = new Set<string>();
  #serve: Running | undefined;
  #browser: Browser | undefined;
  #address: URL | undefined;

  /** The page's address with the token, as `serve` printed it. */
  get address(): URL {
    if (!this.#address) throw new Error('serve is not running');
    return this.#address;
  }

  get token(): string {
    return new URLSearchParams(this.address.hash.slice(1)).get('token') ?? '';
  }

  async start(): Promise<void> {
    this.#browser = await chromium.launch({
      executablePath: process.env.SESSION_GROUPS_CHROMIUM ?? '/usr/bin/chromium',
      args: [
        ...[
          '--headless',
          '--no-sandbox',
          '--disable-gpu',
          '--disable-dev-shm-usage',
          '--disable-quic',
          '--no-first-run',
        ],
        ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ],
    });
    await this.serve();
  }

  /** Starts `serve`; a restart keeps the port and the token. */
  async serve(): Promise<void> {
    const again = this.#address === undefined ? [] : ['--port', this.#address.port];
    this.#serve = startCli(['serve', ...again], this.folder, {
      SESSION_GROUPS_DATA_DIR: join(this.folder, 'data'),
      ...(this.#address === undefined ? {} : { SESSION_GROUPS_TOKEN: this.token }),
    });
    const running = this.#serve;
    await running.says('#token=');
    const found = /http:\/\/127\.0\.0\.1:\d+\/#token=\S+/.exec(`${running.out()}${running.err()}`);
    if (!found) throw new Error(`no address in ${running.out()}${running.err()}`);
    this.#address = new URL(found[0]);
  }

  /** Resolves when the process has exited. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#serve?.process.kill(signal);
    await this.#serve?.ended;
  }

  /** Calls the API as another program would. */
  async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(new URL(`/api/v1${path}`, this.address), {
      method,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  }

  /** Creates a group of scripted sessions, each in a project of its own; returns its id. */
  async create(name: string, sessions: readonly Session[], config = {}, more = {}): Promise<string> {
    for (const { projectPath } of sessions)
      mkdirSync(join(this.folder, projectPath, '.git'), { recursive: true });
    const definition = {
      version: 1,
      name,
      config: { agent: 'scripted', retry: { initialInterval: 100 }, ...config },
      sessions,
      ...more,
    };
    const { groupId } = await this.ask<{ groupId: string }>('POST', '/groups', {
      definition,
      baseDir: this.folder,
    });
    return groupId;
  }

  run = (id: string): Promise<unknown> => this.ask('POST', `/groups/${id}/run`, {});

  async statusOf(id: string): Promise<string> {
    return (await this.ask<{ status: string }>('GET', `/groups/${id}`)).status;
  }

  /** Opens a window with a fresh profile at the list or at this group. */
  async open(group?: string, options: BrowserContextOptions = {}): Promise<Page> {
    if (!this.#browser) throw new Error('the browser is not running');
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    this.watch(page);
    await page.goto(`${this.address}${group === undefined ? '' : `&group=${group}`}`);
    await page.waitForSelector('h1');
    return page;
  }

  /** Records every browser error, including policy violations, and every requested host. */
  watch(page: Page): void {
    page.on('console', message => {
      if (message.type() === 'error' || message.type() === 'warning') this.#problem(message.text());
    });
    page.on('pageerror', error => this.#problem(error.message));
    page.on('request', request => {
      if (request.url().startsWith('http')) this.hosts.add(new URL(request.url()).host);
    });
  }

  /** At the end of a test: closes its windows, and expects no errors, and requests to the server only. */
  async expectClean(): Promise<void> {
    await Promise.all(this.#browser?.contexts().map(context => context.close()) ?? []);
    const problems = this.problems.splice(0);
    const hosts = [...this.hosts];
    this.allowed.length = 0;
    this.hosts.clear();
    expect(problems).toEqual([]);
    expect(hosts).toEqual([this.address.host]);
  }

  async close(): Promise<void> {
    await this.#browser?.close();
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #problem(text: string): void {
    if (!this.allowed.some(pattern => pattern.test(text))) this.problems.push(text);
  }
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Serious axe violations in the current page; axe runs in the page because its policy forbids other scripts. */
export async function faults(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } };
    const { violations } = await axe.run({ resultTypes: ['violations'] });
    return violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.map(({ html }) => html) }));
  });
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, where }) => `${id}: ${where.slice(0, 3).join(' | ')}`);
}

interface Awaited {
  readonly state?: 'attached' | 'detached' | 'hidden';
  readonly timeout?: number;
}

/** Waits until the selector matches; the error of a timeout shows the page's content. */
export async function appears(page: Page, selector: string, options: Awaited = {}): Promise<void> {
  try {
    await page.waitForSelector(selector, options);
  } catch (error) {
    throw new Error(`not on the page: ${selector}\nThere is: ${await page.locator('body').ariaSnapshot()}`, {
      cause: error,
    });
  }
}

/** Paths of the page's files that the browser has asked for. */
export async function loadedAssets(page: Page): Promise<string[]> {
  const paths = await page.evaluate(() =>
    performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname),
  );
  return [...new Set(paths)].filter(path => path !== '/' && !path.startsWith('/api/'));
}

/** Waits until the page shows this group status. */
export const expectGroup = (page: Page, status: string, timeout?: number): Promise<void> =>
  appears(page, `.group-header .badge:has-text("${status}")`, timeout === undefined ? {} : { timeout });

/** Waits until the graph shows this session status. */
export const expectSession = (page: Page, id: string, status: string): Promise<void> =>
  appears(page, `.node[data-id="${id}"][data-status="${status}"]`);

export const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click();
