import { describe, expect, it } from 'vitest';
import { allWorlds } from '../../src/lib/lab/registry.js';
import { readObservation, writeObservation } from '../../src/lib/observe/observation-file.js';
import { replay } from '../../src/lib/operations/diagnose.js';
import { runWorld } from '../../src/lib/operations/lab-run.js';
import { renderDiagnosisHtml } from '../../src/lib/report/diagnosis-html.js';
import { renderDiagnosis } from '../../src/lib/report/diagnosis-text.js';
import { toJson } from '../../src/lib/report/json.js';
import { plainView } from '../../src/lib/report/view.js';

/** Every world through a diagnosis: the verdict is right, the replay of what was seen gives the same report, every rendering works. */
describe.each(allWorlds.map((world) => [world.name, world] as const))('%s', (_, world) => {
  it.each([...world.versions])(
    'on %s',
    async (version) => {
      const { verdict, document, observation } = await runWorld(world, version);
      expect(verdict.faults).toEqual([]);
      expect(document.crashed).toEqual([]);
      const again = replay(readObservation(writeObservation(observation), 'saved'));
      expect(toJson(again.document)).toBe(toJson(document));
      expect(writeObservation(observation)).not.toMatch(/PRIVATE KEY/);
      const text = renderDiagnosis(document, plainView({ width: 80 }));
      expect(text.split('\n')[0]).toMatch(document.ok ? /^✓ healthy/ : new RegExp(`^✗ ${document.causes[0]?.code}`));
      expect(renderDiagnosisHtml(document)).toMatch(/^<!doctype html>/);
    },
    30_000,
  );
});
