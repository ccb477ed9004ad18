// Take back packages, devices, apps and services that no record names any more.
// mode: write
// params: package_ids: list[str], tacs: list[str], app_ids: list[str], service_ids: list[str]
// returns: -
OPTIONAL MATCH (package:Package) WHERE package.package_id IN $package_ids
DETACH DELETE package
WITH DISTINCT 1 AS once
OPTIONAL MATCH (device:Device) WHERE device.tac IN $tacs
DETACH DELETE device
WITH DISTINCT 1 AS once
OPTIONAL MATCH (app:App) WHERE app.app_id IN $app_ids
DETACH DELETE app
WITH DISTINCT 1 AS once
OPTIONAL MATCH (service:Service) WHERE service.service_id IN $service_ids
DETACH DELETE service
