import type { Register } from '../context.ts';
import { registerTemplateList } from './template/list.ts';
import { registerTemplateRender } from './template/render.ts';
import { registerTemplateShow } from './template/show.ts';

/** `template …`: the templates that sessions can name. */
export const registerTemplate: Register = (program, context) => {
  const template = program
    .command('template')
    .helpCommand(false)
    .description('See the templates that sessions can name, and try them');
  for (const register of [registerTemplateList, registerTemplateShow, registerTemplateRender]) {
    register(template, context);
  }
};
