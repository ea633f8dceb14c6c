// @module-tag processes
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { FakeGroup, FakeIo, fakeServices } from './fakes.ts';

const services = () => fakeServices(new FakeGroup());

async function cli(argv: string[], given = services(), io = new FakeIo()) {
  const code = await main(argv, io, given);
  return { code, out: io.stdout.text, err: io.stderr.text };
}

describe('doctor', () => {
  it('lists what is installed', async () => {
    const { code, out } = await cli(
      ['doctor'],
      services(),
      new FakeIo({ env: { PATH: process.env.PATH ?? '' } }),
    );
    expect(code).toBe(0);
    expect(out).toContain(`✓ node            ${process.versions.node}`);
    expect(out).toContain('✓ claude          2.1.330, /usr/bin/claude');
    expect(out).toMatch(/✓ git {13}\d/);
    expect(out).toMatch(/✓ workspaces {6}\/.*, \d+\.\d GiB free/);
    expect(out).toContain('✓ memory          7.5 GiB free, for 40 agents at a time, about 190.7 MiB each\n');
    expect(out).toMatch(/\nReady(, with \d warnings?)?\.\n$/);
  });

  it('says that an old git has no workspaces', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
    writeFileSync(join(folder, 'git'), '#!/bin/sh\necho git version 2.37.9\n', { mode: 0o755 });
    const io = new FakeIo({ env: { PATH: folder } });
    const { code, out } = await cli(['doctor', '--json'], services(), io);
    rmSync(folder, { recursive: true });
    expect(code).toBe(0);
    const { checks } = JSON.parse(out);
    expect(checks.find(({ name }: { readonly name: string }) => name === 'git')).toMatchObject({
      detail: '2.37.9',
      warnings: [expect.stringContaining('git 2.38')],
    });
  });

  it('warns where there is too little memory for the default number of agents', async () => {
    const io = new FakeIo({ env: { PATH: process.env.PATH ?? '' }, availableMemory: () => 500_000_000 });
    const { code, out } = await cli(['doctor'], services(), io);
    expect(code).toBe(0);
    expect(out).toContain('Room for 2 agents at a time, about 190.7 MiB each, and groups run 3 unless');
    expect(out).toMatch(/\nReady, with \d warnings?\.\n$/);
  });

  it('says that no trees can be made in their folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
    const place = join(folder, 'file', 'below');
    writeFileSync(join(folder, 'file'), '');
    const env = { PATH: process.env.PATH ?? '', SESSION_GROUPS_WORK_DIR: place };
    const { code, out } = await cli(['doctor', '--json'], services(), new FakeIo({ env }));
    rmSync(folder, { recursive: true });
    expect(code).toBe(0);
    const { checks } = JSON.parse(out);
    expect(checks.find(({ name }: { readonly name: string }) => name === 'workspaces')).toMatchObject({
      warnings: [expect.stringContaining(`No trees can be made in ${place}`)],
    });
  });

  it.each([
    [{ loggedIn: true, method: 'api_key' }, 0, '✓ login           api_key\n'],
    [{ loggedIn: false, method: 'none' }, 4, '✗ login           Claude Code is not logged in\n'],
  ])('says what the client says of its login: %j', async (login, exit, line) => {
    const asked = fakeServices(new FakeGroup(), { checkLogin: async () => login });
    const io = new FakeIo({ env: { PATH: process.env.PATH ?? '' } });
    const { code, out } = await cli(['doctor'], asked, io);
    expect(code).toBe(exit);
    expect(out).toContain(line);
  });

  it('exits 4 with a hint if the agent is missing', async () => {
    const missing = fakeServices(new FakeGroup(), {
      checkAgent: async () => ({
        ok: false,
        code: 'agent_not_found',
        message: 'no claude',
        hint: 'Install it.',
      }),
    });
    const { code, out } = await cli(['doctor'], missing);
    expect(code).toBe(4);
    expect(out).toContain('✗ claude          no claude\n');
    expect(out).toContain('Install it.');
    expect(out).toMatch(/\n1 of 7 checks failed\.\n$/);
    const json = await cli(['doctor', '--json'], missing);
    expect(json.code).toBe(4);
    expect(JSON.parse(json.out)).toMatchObject({ type: 'doctor', ok: false });
  });
});
