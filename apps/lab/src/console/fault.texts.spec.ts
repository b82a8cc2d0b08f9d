import { describe, expect, it } from '@jest/globals';
import { faultTexts } from './fault.texts.js';

describe('The texts of the faults', () => {
  it.each(Object.entries(faultTexts))(
    'say in one sentence each what must be seen of %s, and what cannot',
    (_, text) => {
      for (const sentence of [text.mustDo, text.cannotShow]) expect(sentence).toMatch(/^[A-Z].{20,200}\.$/);
    },
  );
});
