import { expect, it } from '@jest/globals';
import { html } from './html.js';

it('escapes its parts, and escapes HTML no second time', () => {
  const evil = `<script>"&'`;
  expect(html`<p title="${evil}">${html`<b>${evil}</b>`}</p>`.text).toBe(
    '<p title="&lt;script&gt;&quot;&amp;&#39;"><b>&lt;script&gt;&quot;&amp;&#39;</b></p>',
  );
});

it('writes lists without separators, zero as 0, and nothing for absent parts', () => {
  expect(html`${[html`<i></i>`, 0]}${null}${undefined}${false}`.text).toBe('<i></i>0');
});
