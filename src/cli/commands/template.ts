import type { Register } from '../context.ts';
import { registerTemplateList } from './template/list.ts';
import { registerTemplateRender } from './template/render.ts';
import { registerTemplateShow } from './template/show.ts';

/** `template …`: the templates that sessions can use. */
export const registerTemplate: Register = (program, context) => {
  const template = program
    .command('template')
    .helpCommand(false)
    .description('List, show and try the templates that sessions can use');
  for (const register of [registerTemplateList, registerTemplateShow, registerTemplateRender]) {
    register(template, context);
  }
};
