import { useEffect, useState } from 'react';
import { SelectField, type Option } from '@/components/Fields';
import { devices, type Devices } from '@/lib/rtc/capture';
import { useT } from '@/messages/i18n';
import type { StudioSettings } from './settings';

/** Stands for the browser's own choice. */
const STANDARD = '';

/** Camera and microphone. Their names are known once the camera was allowed, so the list follows that. */
export function DeviceFields({
  settings,
  opened,
  onChange,
}: {
  settings: StudioSettings;
  opened: boolean;
  onChange(change: Partial<StudioSettings>): void;
}) {
  const t = useT();
  const [found, setFound] = useState<Devices>({ cameras: [], microphones: [] });
  useEffect(() => {
    const media = navigator.mediaDevices as MediaDevices | undefined;
    const look = () => void devices().then(setFound);
    look();
    media?.addEventListener('devicechange', look);
    return () => media?.removeEventListener('devicechange', look);
  }, [opened]);

  const options = (list: MediaDeviceInfo[]): Option[] => [
    { value: STANDARD, label: t('studio.device.default') },
    ...list.map((device, index) => ({
      value: device.deviceId,
      label: device.label === '' ? t('studio.device.unnamed', { number: index + 1 }) : device.label,
    })),
  ];
  const chosen = (value: string) => (value === STANDARD ? null : value);
  return (
    <>
      <SelectField
        label={t('studio.camera')}
        options={options(found.cameras)}
        value={settings.camera ?? STANDARD}
        onChoose={(value) => onChange({ camera: chosen(value) })}
      />
      <SelectField
        label={t('studio.microphone')}
        options={options(found.microphones)}
        value={settings.microphone ?? STANDARD}
        onChoose={(value) => onChange({ microphone: chosen(value) })}
      />
    </>
  );
}
