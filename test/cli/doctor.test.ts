// @module-tag processes
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
    const json = await cli(['doctor', '--json'], missing);
    expect(json.code).toBe(4);
    expect(JSON.parse(json.out)).toMatchObject({ type: 'doctor', ok: false });
  });
});
