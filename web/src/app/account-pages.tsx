import { lazy } from 'react';
import { Redirect, Route } from 'wouter';
import { Guard } from '@/components/Guard';
import { paths, routes } from '@/config/routes';

const SignInPage = lazy(() => import('@/features/auth/SignInPage'));
const SignUpPage = lazy(() => import('@/features/auth/SignUpPage'));
const VerifyEmailPage = lazy(() => import('@/features/auth/VerifyEmailPage'));
const ForgotPasswordPage = lazy(() => import('@/features/auth/ForgotPasswordPage'));
const ResetPasswordPage = lazy(() => import('@/features/auth/ResetPasswordPage'));
const SettingsPage = lazy(() => import('@/features/account/SettingsPage'));
const AdminPage = lazy(() => import('@/features/admin/AdminPage'));
const DoctorPage = lazy(() => import('@/features/doctor/DoctorPage'));

/** The routes of people, of those who run the server and of help, for the one Switch of the app. */
export const accountPages = [
  <Route key="sign-in" path={routes.signIn} component={SignInPage} />,
  <Route key="sign-up" path={routes.signUp} component={SignUpPage} />,
  <Route key="verify" path={routes.verifyEmail} component={VerifyEmailPage} />,
  <Route key="forgot" path={routes.forgotPassword} component={ForgotPasswordPage} />,
  <Route key="reset" path={routes.resetPassword} component={ResetPasswordPage} />,
  // Whoever kept the address of a set-up that is done.
  <Route key="setup" path={routes.setup}>
    <Redirect to={paths.home()} replace />
  </Route>,
  <Route key="doctor" path={routes.doctor} component={DoctorPage} />,
  <Route key="settings" path={routes.settings}>
    <Guard>
      <SettingsPage />
    </Guard>
  </Route>,
  <Route key="admin" path={routes.admin}>
    <Guard permission="read_accounts">
      <AdminPage />
    </Guard>
  </Route>,
];
