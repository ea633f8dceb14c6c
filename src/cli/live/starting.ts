import type { CliIo } from '../io.ts';
import { canRedraw, lookOf } from '../terminal.ts';

const ERASE = '\r\u001B[K';

/** Says on the terminal that something is being loaded, until anything else is written. */
export function sayStarting({ stdout, stderr, env }: CliIo): void {
  if (!canRedraw(stderr, env)) return;
  stderr.write(`Starting ${lookOf(stderr, env).unicode ? '…' : '...'}`);
  const restores = [stderr, stdout].map(stream => {
    const own = Object.getOwnPropertyDescriptor(stream, 'write');
    const { write } = stream;
    const restore = () => {
      if (own) Object.defineProperty(stream, 'write', own);
      else Reflect.deleteProperty(stream, 'write');
    };
    const value = (...args: unknown[]): boolean => {
      for (const each of restores) each();
      stderr.write(ERASE);
      return Reflect.apply(write, stream, args);
    };
    Object.defineProperty(stream, 'write', { value, configurable: true, writable: true });
    return restore;
  });
}
