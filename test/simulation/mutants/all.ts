import { FURTHER } from './further.ts';
import { MANAGER_MUTANTS } from './manager-mutants.ts';
import { MUTANTS } from './mutants.ts';
import { STREAM_MUTANTS } from './stream-mutants.ts';

export const ALL_MUTANTS = [...MUTANTS, ...FURTHER, ...MANAGER_MUTANTS, ...STREAM_MUTANTS];
