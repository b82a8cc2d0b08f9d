import { expect, it } from '@jest/globals';
import { html } from './html.js';

it('escapes what is put in, and only once', () => {
  const evil = `<script>"&'`;
  expect(html`<p title="${evil}">${html`<b>${evil}</b>`}</p>`.text).toBe(
    '<p title="&lt;script&gt;&quot;&amp;&#39;"><b>&lt;script&gt;&quot;&amp;&#39;</b></p>',
  );
});

it('writes lists without separators, zero as zero, and nothing for what is not there', () => {
  expect(html`${[html`<i></i>`, 0]}${null}${undefined}${false}`.text).toBe('<i></i>0');
});
