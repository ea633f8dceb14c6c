import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resolveReferences } from '../../../../src/sdk/group/config/environment.ts';
import { type McpServers, mcpConfig, mergeServers } from '../../../../src/sdk/group/config/mcp-config.ts';

const stdio = (given: object): McpServers => ({ s: { command: 'node', ...given } });
const fileOf = (servers: McpServers, env: Record<string, string> = {}) => {
  const { text, variables } = mcpConfig(servers, env);
  return { server: JSON.parse(text).mcpServers.s, variables };
};

describe('the MCP file of a session', () => {
  test('keeps plain references, and lists the variables they need', () => {
    const { server, variables } = fileOf(
      stdio({ args: ['--at', '${PORT}'], env: { T: 'a${TOKEN}b${PORT}' } }),
    );
    expect(server).toEqual({ command: 'node', args: ['--at', '${PORT}'], env: { T: 'a${TOKEN}b${PORT}' } });
    expect(variables).toEqual({ PORT: '${PORT}', TOKEN: '${TOKEN}' });
  });

  test('contains no value of env and headers, nor a URL with a password or a query', () => {
    expect(fileOf(stdio({ env: { LEVEL: 'debug' } }))).toEqual({
      server: { command: 'node', env: { LEVEL: '${SESSION_GROUPS_MCP_1}' } },
      variables: { SESSION_GROUPS_MCP_1: 'debug' },
    });
    const url = 'https://me:pass@host/mcp';
    expect(fileOf({ s: { type: 'http', url, headers: { A: 'b' } } })).toEqual({
      server: { type: 'http', url: '${SESSION_GROUPS_MCP_1}', headers: { A: '${SESSION_GROUPS_MCP_2}' } },
      variables: { SESSION_GROUPS_MCP_1: url, SESSION_GROUPS_MCP_2: 'b' },
    });
    expect(fileOf({ s: { type: 'sse', url: 'https://host/mcp' } }).server.url).toBe('https://host/mcp');
  });

  test.each([
    ['a default', '${A:-x}', {}],
    ['an escape', '$${A}', {}],
    ['a variable that the session defines differently', '${A}', { A: 'own' }],
    ['a variable that is withheld from the agent', '${CLAUDE_EFFORT}', {}],
    ['one of our own variables', '${SESSION_GROUPS_DATA_DIR}', {}],
  ])('uses its own variable for %s', (_, written, env) => {
    const { server, variables } = fileOf(stdio({ args: [written] }), env);
    expect(server.args).toEqual(['${SESSION_GROUPS_MCP_1}']);
    expect(variables).toEqual({ SESSION_GROUPS_MCP_1: written });
  });

  test('has the meaning of the definition once the client expands it', () => {
    const piece = fc.oneof(
      fc.constantFrom('${A}', '${B}', '${EMPTY:-d}', '${NONE:-d}', '$${A}', '$', '{', '}', '$A'),
      fc.string(),
    );
    const written = fc.array(piece, { maxLength: 6 }).map(pieces => pieces.join(''));
    const host = { A: 'value of A', B: 'b', EMPTY: '' };
    fc.assert(
      fc.property(fc.array(written), fc.dictionary(fc.string(), written), (args, env) => {
        const sound = (text: string) => resolveReferences(text, host).malformed.length === 0;
        fc.pre([...args, ...Object.values(env)].every(sound));
        const { server, variables } = fileOf(stdio({ args, env }), { B: 'of the session' });
        const child: Record<string, string> = { ...host, B: 'of the session' };
        for (const [name, text] of Object.entries(variables))
          child[name] = resolveReferences(text, host).value;
        const meant = (text: string) => resolveReferences(text, host).value;
        expect(server.args.map((text: string) => asTheClient(text, child))).toEqual(args.map(meant));
        expect(Object.values(server.env).map(text => asTheClient(String(text), child))).toEqual(
          Object.values(env).map(meant),
        );
      }),
    );
  });
});

/** As measured: `${NAME}` of a variable that is set is expanded once; everything else stays. */
const asTheClient = (text: string, env: Readonly<Record<string, string>>) =>
  text.replace(/\$\{([^}]+)\}/g, (whole, name: string) => env[name] ?? whole);

describe('servers of the group and of a session', () => {
  test('merge deeply if both use the same transport, and lists replace', () => {
    const shared: McpServers = {
      a: { command: 'node', args: ['x', 'y'], env: { A: '1' } },
      b: { type: 'http', url: 'http://b/' },
    };
    const own: McpServers = { a: { command: 'node', args: ['z'], env: { B: '2' } }, c: { command: 'c' } };
    expect(mergeServers(shared, own)).toEqual({
      a: { command: 'node', args: ['z'], env: { A: '1', B: '2' } },
      b: { type: 'http', url: 'http://b/' },
      c: { command: 'c' },
    });
  });

  test('of another transport is replaced as a whole', () => {
    const shared: McpServers = { a: { command: 'node', args: ['x'] } };
    const own: McpServers = { a: { type: 'http', url: 'http://a/' } };
    expect(mergeServers(shared, own)).toEqual(own);
  });
});
