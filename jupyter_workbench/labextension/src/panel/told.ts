/** What a dialog of the panel tells: headings with what there is to say of each, as text. */

import { Dialog } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';

import type { TranslationBundle } from '../text';
import type { Check, Environment, Target, TargetDetails } from '../tokens';

/** A word and what it says. */
export type Fact = [term: string, text: string];

export async function tell(title: string, facts: Fact[], trans: TranslationBundle): Promise<void> {
  const body = new Widget({ node: document.createElement('dl') });
  body.addClass('jp-Workbench-told');
  body.node.tabIndex = 0; // keys scroll it, where it is long
  for (const [term, text] of facts) {
    body.node.append(element('dt', term), element('dd', text));
  }
  const buttons = [Dialog.okButton({ label: trans.__('Close') })];
  await new Dialog({ title, body, buttons }).launch();
}

/** The outcome of a test of a compute target; what is to do stands below what is wrong. */
export function factsOfChecks(checks: Check[], trans: TranslationBundle): Fact[] {
  return checks.map(({ name, ok, message, fix }) => [
    ok ? trans.__('%1: all well', name) : trans.__('%1: failed', name),
    fix === null ? message : trans.__('%1\nWhat to do: %2', message, fix)
  ]);
}

/** What is told of a compute target: its file and settings, what it has, and what is kept for it. */
export function factsOfTarget(
  target: Target,
  details: TargetDetails,
  environments: Environment[],
  trans: TranslationBundle
): Fact[] {
  const settings = Object.entries(target.settings).map(([key, value]): Fact => [key, settingText(value, trans)]);
  return [
    [trans.__('File'), target.file],
    ...factsOfDetails(details, trans),
    ...environments.map(one => factOfEnvironment(one, trans)),
    ...settings
  ];
}

function factsOfDetails(details: TargetDetails, trans: TranslationBundle): Fact[] {
  const { cores, memory, disk, image, python, problem } = details;
  const facts: (Fact | null)[] = [
    problem === null ? null : [trans.__('Problem'), problem],
    cores === null ? null : [trans.__('Cores'), trans.__('%1 for a kernel', cores)],
    memory === null ? null : [trans.__('Memory'), trans.__('%1 for a kernel', gigabytes(memory, trans))],
    disk && [
      trans.__('Disk'),
      trans.__('%1 of %2 free at %3', gigabytes(disk.free, trans), gigabytes(disk.total, trans), disk.folder)
    ],
    python === null ? null : [trans.__('Python'), python],
    image && [trans.__('Image'), imageText(image, trans)]
  ];
  return facts.filter((fact): fact is Fact => fact !== null);
}

function imageText({ name, id, size }: NonNullable<TargetDetails['image']>, trans: TranslationBundle): string {
  if (id === null) {
    return trans.__('%1, not on the engine yet: the first start fetches it', name);
  }
  return size === null ? name : trans.__('%1, %2 MB on the engine', name, Math.round(size / 1e6));
}

function gigabytes(bytes: number, trans: TranslationBundle): string {
  return trans.__('%1 GB', Math.round(bytes / 1e8) / 10);
}

function factOfEnvironment(environment: Environment, trans: TranslationBundle): Fact {
  const { fingerprint, python, image, packages, size, run_configurations, kernels, spark } = environment;
  const lines = [
    image === null ? trans.__('Python %1', python) : trans.__('Python %1 in %2', python, image),
    spark && trans.__('Spark %1', spark.version),
    trans._n('%1 package', '%1 packages', packages.length),
    trans.__('%1 MB on the engine', Math.round(size / 1e6)),
    run_configurations.length > 0 && trans.__('Needed by %1', run_configurations.join(', ')),
    kernels.length > 0 && trans.__('Kernels: %1', kernels.join(', '))
  ];
  return [trans.__('Environment %1', fingerprint), lines.filter(Boolean).join('\n')];
}

function settingText(value: unknown, trans: TranslationBundle): string {
  if (value === null || value === undefined) {
    return trans.__('not set');
  }
  if (typeof value === 'boolean') {
    return value ? trans.__('yes') : trans.__('no');
  }
  if (Array.isArray(value)) {
    return value.length ? value.map(String).join('\n') : trans.__('none');
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function element(tag: string, text: string): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}
