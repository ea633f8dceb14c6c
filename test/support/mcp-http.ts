import { createServer, type IncomingHttpHeaders } from 'node:http';

export interface McpHttp {
  readonly url: string;
  /** Of every request received. */
  readonly headers: readonly IncomingHttpHeaders[];
  close(): Promise<void>;
}

/** An MCP server over HTTP with one tool, `find`, that answers `found`. */
export async function startMcpHttp(): Promise<McpHttp> {
  const headers: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    headers.push(request.headers);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const message = request.method === 'POST' ? JSON.parse(Buffer.concat(chunks).toString()) : undefined;
      if (message === undefined) response.writeHead(405).end();
      else if (message.id === undefined) response.writeHead(202).end();
      else {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result: answer(message) }));
      }
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the MCP server has no port');
  return {
    url: `http://127.0.0.1:${address.port}/mcp`,
    headers,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer({ method, params }: { method: string; params?: { protocolVersion?: string } }): unknown {
  if (method === 'initialize') {
    const serverInfo = { name: 'finder', version: '1.0.0' };
    return { protocolVersion: params?.protocolVersion, capabilities: { tools: {} }, serverInfo };
  }
  if (method === 'tools/list') {
    return { tools: [{ name: 'find', description: 'Finds it.', inputSchema: { type: 'object' } }] };
  }
  return { content: [{ type: 'text', text: 'found' }] };
}
