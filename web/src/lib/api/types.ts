// What the API says about accounts and organisations, by the names of its OpenAPI document.

export type Role = 'viewer' | 'creator' | 'moderator' | 'admin';
export type Tier = 'free' | 'premium' | 'vip';
export type SignupMode = 'closed' | 'invite' | 'approval' | 'open';
export type EmailVerification = 'required' | 'optional' | 'off';
export type Maturity = 'everyone' | 'teen' | 'mature';
export type Quality = 'auto' | 'high' | 'medium' | 'low';
export type ThemeChoice = 'system' | 'dark' | 'light' | 'contrast';
export type Visibility = 'public' | 'members' | 'private';
export type Scope =
  | 'read:profile'
  | 'write:profile'
  | 'read:streams'
  | 'write:streams'
  | 'read:keys'
  | 'write:keys'
  | 'publish'
  | 'watch'
  | 'read:admin'
  | 'write:admin';

export interface List<Item> {
  items: Item[];
  next_cursor: string | null;
}

export interface LegalDocumentInfo {
  id: string;
  version: string;
  title: string;
}

export interface LegalDocument extends LegalDocumentInfo {
  body: string;
}

export interface PasswordPolicy {
  min_length: number;
  upper: boolean;
  lower: boolean;
  digit: boolean;
  special: boolean;
}

/** What the pages of accounts need to know of the server. */
export interface AccountRules {
  version: string;
  name: string;
  signup_mode: SignupMode;
  email_verification: EmailVerification;
  terms: LegalDocumentInfo | null;
  password_policy: PasswordPolicy;
  demo: { email: string; password: string } | null;
  setup_needed: boolean;
}

export interface Link {
  title: string;
  url: string;
}

export interface Preferences {
  quality: Quality;
  language: string | null;
  autoplay: boolean;
  theme: ThemeChoice;
  notify_live: boolean;
}

export interface Privacy {
  profile_visibility: Visibility;
  save_history: boolean;
  maturity_limit: Maturity;
}

export interface Notifications {
  security: boolean;
  live: boolean;
  followers: boolean;
  news: boolean;
}

export interface Me {
  id: string;
  email: string;
  email_verified: boolean;
  handle: string;
  display_name: string;
  given_name: string | null;
  family_name: string | null;
  role: Role;
  organisation: { id: string; name: string };
  tier: Tier;
  tier_expires_at: number | null;
  region: string | null;
  locale: string | null;
  bio: string;
  links: Link[];
  avatar_url: string | null;
  member_since: number;
  has_channel: boolean;
  mfa: { totp: boolean; backup_codes_left: number; required: boolean };
  must_accept_terms: LegalDocumentInfo | null;
  password_expires_at: number | null;
  permissions: string[];
  preferences: Preferences;
  privacy: Privacy;
  notifications: Notifications;
}

export type UpdateMe = Partial<
  Pick<
    Me,
    | 'handle'
    | 'display_name'
    | 'given_name'
    | 'family_name'
    | 'region'
    | 'locale'
    | 'bio'
    | 'links'
    | 'preferences'
    | 'privacy'
    | 'notifications'
  >
>;

export interface Tokens {
  access_token: string;
  expires_in: number;
  account: Me;
}

export interface SecondFactorNeeded {
  mfa_token: string;
  methods: ('totp' | 'backup_code')[];
}

export interface SignUp {
  email: string;
  password: string;
  handle: string;
  display_name: string;
  terms_document_id?: string;
  invite?: string;
}

export interface SetUp {
  name: string;
  public_url?: string;
  email: string;
  password: string;
  display_name: string;
  handle: string;
  signup_mode: SignupMode;
}

export interface SignInSession {
  id: string;
  device: string;
  address: string;
  created_at: number;
  last_seen_at: number;
  current: boolean;
}

export interface ApiKey {
  id: string;
  name: string;
  last4: string;
  scopes: Scope[];
  created_at: number;
  last_used_at: number | null;
  expires_at: number | null;
}

export interface Activity {
  id: string;
  at: number;
  action: string;
  address: string | null;
  detail: unknown;
}

export interface Person {
  id: string;
  handle: string;
  display_name: string;
  avatar_url: string | null;
}

export interface Acquaintance extends Person {
  since: number;
  live: boolean;
}
