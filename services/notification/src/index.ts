export { DEFAULT_DELIVERY, type DeliveryOptions } from './delivery/options.ts';
export { NOTIFICATION_ERRORS, NotificationConfigError } from './errors.ts';
export { readPolicy } from './policy.ts';
export { type NotificationOptions, notification } from './service.ts';
