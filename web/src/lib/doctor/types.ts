// Names of what the doctor speaks of; the server defines them.

export type { CodecFacts } from '@/lib/api/generated/CodecFacts';
export type { Diagnosis } from '@/lib/api/generated/Diagnosis';
export type { Direction } from '@/lib/api/generated/Direction';
export type { DoctorLimits } from '@/lib/api/generated/DoctorLimits';
export type { DoctorNode } from '@/lib/api/generated/DoctorNode';
export type { Facts } from '@/lib/api/generated/Facts';
export type { Failure } from '@/lib/api/generated/Failure';
export type { Finding } from '@/lib/api/generated/Finding';
export type { HttpFacts } from '@/lib/api/generated/HttpFacts';
export type { PathFacts } from '@/lib/api/generated/PathFacts';
export type { Quality } from '@/lib/api/generated/Quality';
export type { RelayServer } from '@/lib/api/generated/RelayServer';
export type { Sizes } from '@/lib/api/generated/Sizes';
export type { StreamFacts } from '@/lib/api/generated/StreamFacts';
export type { Transport } from '@/lib/api/generated/Transport';
export type { Uploaded } from '@/lib/api/generated/Uploaded';
export type { Way } from '@/lib/api/generated/Way';
export type { WebSocketFacts } from '@/lib/api/generated/WebSocketFacts';
