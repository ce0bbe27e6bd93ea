// Short names for what the OpenAPI document calls its schemas.

import type { components } from './generated/openapi';

type Schemas = components['schemas'];

/** A page of a list, and where the next one begins: the same for every kind of item. */
export type List<Item> = Omit<Schemas['List_StreamCard'], 'items'> & { items: Item[] };

export type ThemeChoice = Schemas['Theme'];
export type Acquaintance = Schemas['Acquaintance'];
export type Activity = Schemas['Activity'];
export type AdminAccount = Schemas['AdminAccount'];
export type AdminCategory = Schemas['AdminCategory'];
export type ApiKey = Schemas['ApiKey'];
export type AuditCheck = Schemas['AuditCheck'];
export type AuditEntry = Schemas['AuditEntry'];
export type Check = Schemas['Check'];
export type CreateAccount = Schemas['CreateAccount'];
export type Diagnostics = Schemas['Diagnostics'];
export type EmailVerification = Schemas['EmailVerification'];
export type LegalDocument = Schemas['LegalDocument'];
export type LegalDocumentInfo = Schemas['LegalDocumentInfo'];
export type Invited = Schemas['Invited'];
export type Link = Schemas['Link'];
export type Mail = Schemas['Mail'];
export type Maturity = Schemas['Maturity'];
export type Me = Schemas['Me'];
export type Notifications = Schemas['Notifications'];
export type Overview = Schemas['Overview'];
export type PasswordPolicy = Schemas['PasswordPolicy'];
export type Permission = Schemas['Permission'];
export type Person = Schemas['Person'];
export type Preferences = Schemas['Preferences'];
export type Privacy = Schemas['Privacy'];
export type Quality = Schemas['Quality'];
export type Role = Schemas['Role'];
export type Scope = Schemas['Scope'];
export type SecondFactorNeeded = Schemas['SecondFactorNeeded'];
export type ServerInfo = Schemas['ServerInfo'];
export type SetUp = Schemas['SetUp'];
export type Settings = Schemas['Settings'];
export type SignInSession = Schemas['SignInSession'];
export type SignUp = Schemas['SignUp'];
export type SignupMode = Schemas['SignupMode'];
export type StreamCard = Schemas['StreamCard'];
export type StreamState = Schemas['StreamState'];
export type Tier = Schemas['Tier'];
export type Tokens = Schemas['Tokens'];
export type UpdateAccount = Schemas['UpdateAccount'];
export type UpdateMe = Schemas['UpdateMe'];
export type UpdateSettings = Schemas['UpdateSettings'];
export type Visibility = Schemas['Visibility'];

/** What the pages of accounts need to know of the server. */
export type AccountRules = Omit<ServerInfo, 'whip_url' | 'whep_url_template'>;
