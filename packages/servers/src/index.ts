export { SERVER_ERRORS, ServerError, type ServerErrorCode } from './errors.ts';
export type { Broker } from './kafka/broker.ts';
export {
  KAFKA_VARIABLE,
  type KafkaServer,
  kafkaOrigin,
  openKafka,
  type StartKafkaOptions,
  startKafka,
  startKafkaHere,
} from './kafka/kafka.ts';
export {
  MONGO_VARIABLE,
  type MongoServer,
  mongoOrigin,
  openMongo,
  type StartMongoOptions,
  startMongo,
  startMongoHere,
} from './mongo/mongo.ts';
export type { StandIn } from './mongo/stand-in.ts';
export { freePort, lastingPort } from './ports.ts';
export type { Origin, RunningServer } from './server.ts';
