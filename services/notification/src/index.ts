export { DEFAULT_DELIVERY, type DeliveryOptions } from './delivery/options.ts';
export { NOTIFICATION_ERRORS, NotificationConfigError } from './errors.ts';
export { DEFAULT_RULES_FILE, DEFAULT_TEMPLATES_FILE, readPolicy } from './policy.ts';
export { type NotificationOptions, notification } from './service.ts';
