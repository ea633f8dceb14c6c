import { DELIVERY_MUTANTS } from './delivery-mutants.ts';
import { FAN_OUT_MUTANTS } from './fan-out-mutants.ts';
import { FURTHER } from './further.ts';
import { LATER_MUTANTS } from './later-mutants.ts';
import { MANAGER_MUTANTS } from './manager-mutants.ts';
import { MUTANTS } from './mutants.ts';
import { STREAM_MUTANTS } from './stream-mutants.ts';

export const ALL_MUTANTS = [
  ...MUTANTS,
  ...FURTHER,
  ...LATER_MUTANTS,
  ...MANAGER_MUTANTS,
  ...STREAM_MUTANTS,
  ...DELIVERY_MUTANTS,
  ...FAN_OUT_MUTANTS,
];
