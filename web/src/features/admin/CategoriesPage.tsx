import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '@/components/Button';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { TextField } from '@/components/Fields';
import { Form } from '@/components/Form';
import { PageHead, Panel } from '@/components/Panel';
import { Note, ProblemText } from '@/components/ProblemNote';
import { Rows } from '@/components/Rows';
import { useForm } from '@/components/use-form';
import { asProblem, useLoad } from '@/components/use-load';
import { usePage } from '@/components/use-page';
import { adminCategories, createCategory, deleteCategory, updateCategory } from '@/lib/api/admin';
import type { ProblemError } from '@/lib/api/problem';
import type { AdminCategory } from '@/lib/api/types';
import { suggestHandle } from '@/lib/auth/handle';
import { useT } from '@/messages/i18n';
import styles from './CategoriesPage.module.css';

export default function CategoriesPage() {
  const t = useT();
  usePage(t('admin.categories'));
  const { value, problem, reload, set } = useLoad(adminCategories);
  const [failed, setFailed] = useState<ProblemError | null>(null);
  const [leaving, setLeaving] = useState<AdminCategory | null>(null);
  const items = value && [...value.items].sort((a, b) => a.position - b.position);

  /** The whole order is written, so that positions that were equal do not stay so. */
  const move = async (from: number, by: -1 | 1) => {
    if (items === null) return;
    const order = [...items];
    const [moved] = order.splice(from, 1);
    if (moved === undefined) return;
    order.splice(from + by, 0, moved);
    const placed = order.map((category, position) => ({ ...category, position }));
    const changed = placed.filter(
      ({ id, position }) => items.find((other) => other.id === id)?.position !== position,
    );
    setFailed(null);
    set((list) => ({ ...list, items: placed }));
    try {
      for (const { id, position } of changed) await updateCategory(id, { position });
    } catch (error) {
      setFailed(asProblem(error));
      reload();
    }
  };

  return (
    <>
      <PageHead title={t('admin.categories')} text={t('admin.categories.text')} />
      {failed !== null && (
        <Note>
          <ProblemText problem={failed} />
        </Note>
      )}
      <Panel title={t('admin.categories.order')}>
        <Rows items={items} problem={problem} empty={t('admin.categories.empty')} onRetry={reload}>
          {(category) => {
            const at = items?.indexOf(category) ?? 0;
            return {
              name: (
                <Name
                  category={category}
                  onSaved={(saved) =>
                    set((list) => ({
                      ...list,
                      items: list.items.map((other) => (other.id === saved.id ? saved : other)),
                    }))
                  }
                />
              ),
              detail: <code>{category.slug}</code>,
              action: (
                <span className={styles.actions}>
                  <IconButton
                    label={t('admin.categories.up', { name: category.name })}
                    disabled={at === 0}
                    onClick={() => void move(at, -1)}
                  >
                    <ArrowUp size={18} />
                  </IconButton>
                  <IconButton
                    label={t('admin.categories.down', { name: category.name })}
                    disabled={at === (items?.length ?? 0) - 1}
                    onClick={() => void move(at, 1)}
                  >
                    <ArrowDown size={18} />
                  </IconButton>
                  <IconButton
                    label={t('admin.categories.remove', { name: category.name })}
                    onClick={() => setLeaving(category)}
                  >
                    <Trash2 size={18} />
                  </IconButton>
                </span>
              ),
            };
          }}
        </Rows>
        <NewCategory
          onCreated={(category) => set((list) => ({ ...list, items: [...list.items, category] }))}
        />
      </Panel>
      {leaving !== null && (
        <ConfirmDialog
          title={t('admin.categories.remove', { name: leaving.name })}
          action={t('admin.categories.delete')}
          typed={leaving.slug}
          onConfirm={async () => {
            await deleteCategory(leaving.id);
            set((list) => ({ ...list, items: list.items.filter(({ id }) => id !== leaving.id) }));
          }}
          onClose={() => setLeaving(null)}
        >
          <p>{t('admin.categories.delete.text')}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

/** The name is a field: leaving it saves, Escape takes the change back. */
function Name({
  category,
  onSaved,
}: {
  category: AdminCategory;
  onSaved(category: AdminCategory): void;
}) {
  const t = useT();
  const [name, setName] = useState(category.name);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const save = async () => {
    const wanted = name.trim();
    if (wanted === category.name || wanted === '') return setName(category.name);
    setProblem(null);
    try {
      onSaved(await updateCategory(category.id, { name: wanted }));
    } catch (error) {
      setProblem(asProblem(error));
    }
  };
  return (
    <>
      <input
        className={styles.name}
        aria-label={t('admin.categories.name', { name: category.name })}
        value={name}
        maxLength={60}
        onChange={(event) => setName(event.target.value)}
        onBlur={() => void save()}
        onKeyDown={(event) => {
          if (event.key === 'Enter') event.currentTarget.blur();
          if (event.key === 'Escape') setName(category.name);
        }}
      />
      {problem !== null && <ProblemText problem={problem} />}
    </>
  );
}

function NewCategory({ onCreated }: { onCreated(category: AdminCategory): void }) {
  const t = useT();
  const form = useForm({
    initial: { name: '' },
    aliases: { slug: 'name' },
    check: ({ name }) => ({
      ...(suggestHandle(name) === '' && { name: t('admin.categories.invalid') }),
    }),
    submit: async ({ name }) => {
      onCreated(await createCategory(suggestHandle(name), name.trim()));
      form.reset({ name: '' });
    },
  });
  return (
    <Form form={form} label={t('admin.categories.new')}>
      <TextField
        {...form.field('name')}
        label={t('admin.categories.new')}
        maxLength={60}
        action={
          <Button type="submit" look="primary" icon={<Plus size={18} />}>
            {t('admin.categories.add')}
          </Button>
        }
      />
    </Form>
  );
}
