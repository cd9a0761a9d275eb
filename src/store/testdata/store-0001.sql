CREATE TABLE "kysely_migration" ("name" varchar(255) not null primary key, "timestamp" varchar(255) not null);
CREATE TABLE "kysely_migration_lock" ("id" varchar(255) not null primary key, "is_locked" integer default 0 not null);
CREATE TABLE "sweeps" ("id" text primary key, "created_at" text not null, "command" text not null);
CREATE TABLE "points" ("id" text primary key, "sweep_id" text not null references "sweeps" ("id"), "measured_at" text not null, "hw" text not null, "framework" text not null, "precision" text not null, "model_prefix" text not null, "spec_decoding" text not null, "isl" integer not null, "osl" integer not null, "conc" integer not null, "layout" text not null, "verdict" text not null, "row" text not null, "raw" text not null);
CREATE INDEX "points_by_configuration" on "points" ("model_prefix", "isl", "osl", "hw", "framework", "precision", "spec_decoding", "layout", "conc", "measured_at");
CREATE INDEX "points_by_sweep" on "points" ("sweep_id");
INSERT INTO "kysely_migration" VALUES ('0001-sweeps-and-points', '2026-01-24T20:44:13.773Z');
INSERT INTO "kysely_migration_lock" VALUES ('migration_lock', 0);
