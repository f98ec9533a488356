/** The form in which a compute target is filled in. */

import { Dialog } from '@jupyterlab/apputils';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { TranslationBundle } from '../text';
import type { Project } from '../tokens';
import { type AttachForm, FIELDS, type TargetType } from './attach_form';

/** Show the form; true when it is to be sent. */
export async function fillIn(form: AttachForm, { project }: Project, trans: TranslationBundle): Promise<boolean> {
  const body = new FormWidget(form, trans);
  const dialog = new Dialog({
    title: trans.__('Attach a compute target to %1', project),
    body,
    focusNodeSelector: 'input',
    buttons: [Dialog.cancelButton({ label: trans.__('Cancel') }), Dialog.okButton({ label: trans.__('Attach') })]
  });
  const accept = () => dialog.node.querySelector<HTMLButtonElement>('button.jp-mod-accept');
  const enable = () => {
    const button = accept();
    if (button !== null) {
      button.disabled = !form.isComplete;
    }
  };
  // Older dialogs (JupyterLab 4.2) take Enter for themselves, also where it begins a line.
  const keepLines = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && event.target instanceof HTMLTextAreaElement && dialog.node.contains(event.target)) {
      event.stopPropagation();
    }
  };
  form.changed.connect(enable);
  window.addEventListener('keydown', keepLines, true);
  try {
    const launched = dialog.launch();
    enable();
    return (await launched).button.accept;
  } finally {
    form.changed.disconnect(enable);
    window.removeEventListener('keydown', keepLines, true);
  }
}

class FormWidget extends ReactWidget {
  constructor(
    private readonly form: AttachForm,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-Workbench-form');
  }

  protected override render(): JSX.Element {
    return <UseSignal signal={this.form.changed}>{() => <Fields form={this.form} trans={this.trans} />}</UseSignal>;
  }
}

interface Props {
  form: AttachForm;
  trans: TranslationBundle;
}

function Fields({ form, trans }: Props): JSX.Element {
  return (
    <>
      <Field label={trans.__('Name')} name="name">
        <Text form={form} name="name" placeholder="docker" />
      </Field>
      <Field label={trans.__('Kind')} name="type">
        <select id={idOf('type')} value={form.type} onChange={event => form.choose(event.target.value as TargetType)}>
          <option value="docker">{trans.__('Docker: containers on this machine')}</option>
          <option value="local">{trans.__('Local: a Python of this machine')}</option>
        </select>
      </Field>
      {FIELDS[form.type].map(key => (
        <Field key={key} label={labelOf(key, trans)} name={key}>
          <Input form={form} name={key} trans={trans} />
        </Field>
      ))}
      {form.failure !== null && (
        <p role="alert" className="jp-Workbench-mistake">
          {form.failure}
        </p>
      )}
    </>
  );
}

function Field({ label, name, children }: { label: string; name: string; children: JSX.Element }): JSX.Element {
  return (
    <div>
      <label htmlFor={idOf(name)}>{label}</label>
      {children}
    </div>
  );
}

function idOf(name: string): string {
  return `jp-Workbench-form-${name}`;
}

function Input({ form, name, trans }: Props & { name: string }): JSX.Element {
  switch (name) {
    case 'nvidiaDocker':
      return (
        <input
          id={idOf(name)}
          type="checkbox"
          checked={form.value(name) === true}
          onChange={event => form.fill(name, event.target.checked)}
        />
      );
    case 'sharedVolumes':
      return (
        <select
          id={idOf(name)}
          value={String(form.value(name) ?? '')}
          onChange={event => form.fill(name, event.target.value)}
        >
          <option value="">{trans.__('The project itself where Docker can see it, else a copy')}</option>
          <option value="true">{trans.__('The project itself')}</option>
          <option value="false">{trans.__('A copy')}</option>
        </select>
      );
    case 'mounts':
      return <Text form={form} name={name} placeholder="~/data:/data:ro" isLong />;
    default:
      return <Text form={form} name={name} placeholder={PLACEHOLDERS[name] ?? ''} />;
  }
}

/** Values of the file, in no language. */
const PLACEHOLDERS: Record<string, string> = {
  baseDockerImage: 'python:3.12-slim',
  memory: '4g',
  cpus: '2',
  network: 'bridge',
  pythonLocation: 'python'
};

interface TextProps {
  form: AttachForm;
  name: string;
  placeholder: string;
  isLong?: boolean;
}

function Text({ form, name, placeholder, isLong }: TextProps): JSX.Element {
  const mistake = form.mistake(name);
  const mistakeId = `${idOf(name)}-mistake`;
  const shared = {
    id: idOf(name),
    value: String(form.value(name) ?? ''),
    placeholder,
    spellCheck: false,
    'aria-invalid': mistake !== null,
    'aria-describedby': mistake === null ? undefined : mistakeId
  };
  return (
    <>
      {isLong ? (
        <textarea {...shared} rows={2} onChange={event => form.fill(name, event.target.value)} />
      ) : (
        <input {...shared} type="text" onChange={event => form.fill(name, event.target.value)} />
      )}
      {mistake !== null && (
        <span id={mistakeId} role="alert" className="jp-Workbench-mistake">
          {mistake}
        </span>
      )}
    </>
  );
}

function labelOf(key: string, trans: TranslationBundle): string {
  switch (key) {
    case 'baseDockerImage':
      return trans.__('Image, with Python 3.8 or newer');
    case 'memory':
      return trans.__('Most memory of a kernel');
    case 'cpus':
      return trans.__('Most cores of a kernel');
    case 'network':
      return trans.__('Network');
    case 'sharedVolumes':
      return trans.__('What kernels see of the project');
    case 'nvidiaDocker':
      return trans.__('All GPUs');
    case 'mounts':
      return trans.__('What they see beside it, one a line');
    default:
      return trans.__('Python');
  }
}
