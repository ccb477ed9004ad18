// The village of the tests; tests/village.py has its picture.
// mode: write
// params: -
// returns: -
CREATE
  (asha:Subscriber {
    subscriber_id: 'asha', namespace: 'village',
    status: 'active', gender: 'female', birth_year: 1980, is_senior: false, has_partner: true,
    has_dependents: false, joined_on: date('2021-05-01'), tenure_months: 30, segment: 'home', plan: 'gold',
    events: 21, contacts: 4, calls_out: 8, calls_in: 3, missed_out: 1, missed_in: 1,
    duration_out_s: 390, duration_in_s: 120, messages_out: 5, messages_in: 5, active_days: 6,
    first_at: datetime('2024-01-01T08:00Z'), last_at: datetime('2024-01-20T21:30Z'),
    located_events: 14, unlocated_events: 7,
    sessions: 9, data_duration_s: 960, volume_up_bytes: 1500, volume_down_bytes: 9000,
    data_first_at: datetime('2024-01-01T08:00Z'), data_last_at: datetime('2024-01-20T21:00Z')
  }),
  (bram:Subscriber {
    subscriber_id: 'bram', namespace: 'village',
    status: 'active', gender: 'male',
    events: 15, contacts: 2, calls_out: 3, calls_in: 5, missed_out: 1, missed_in: 1,
    duration_out_s: 120, duration_in_s: 300, messages_out: 4, messages_in: 3, active_days: 5,
    first_at: datetime('2024-01-01T08:00Z'), last_at: datetime('2024-01-19T12:00Z'),
    located_events: 5, unlocated_events: 10,
    sessions: 2, data_duration_s: 40, volume_up_bytes: 20, volume_down_bytes: 0,
    data_first_at: datetime('2024-01-02T08:00Z'), data_last_at: datetime('2024-01-03T08:00Z')
  }),
  (chidi:Subscriber {
    subscriber_id: 'chidi', namespace: 'village',
    status: 'active', gender: 'male',
    events: 4, contacts: 2, calls_out: 1, calls_in: 1, missed_out: 1, missed_in: 1,
    duration_out_s: 0, duration_in_s: 0, messages_out: 0, messages_in: 2, active_days: 2,
    first_at: datetime('2024-01-02T09:00Z'), last_at: datetime('2024-01-03T09:00Z'),
    located_events: 1, unlocated_events: 3,
    sessions: 0, data_duration_s: 0, volume_up_bytes: 0, volume_down_bytes: 0
  }),
  (dewi:Subscriber {
    subscriber_id: 'dewi', namespace: 'village',
    status: 'active', gender: 'female',
    events: 21, contacts: 2, calls_out: 0, calls_in: 4, missed_out: 0, missed_in: 0,
    duration_out_s: 0, duration_in_s: 150, messages_out: 10, messages_in: 7, active_days: 7,
    first_at: datetime('2024-01-04T10:00Z'), last_at: datetime('2024-01-18T10:00Z'),
    located_events: 0, unlocated_events: 21,
    sessions: 0, data_duration_s: 0, volume_up_bytes: 0, volume_down_bytes: 0
  }),
  (emil:Subscriber {
    subscriber_id: 'emil', namespace: 'village',
    status: 'churned', gender: 'male',
    events: 18, contacts: 1, calls_out: 1, calls_in: 0, missed_out: 0, missed_in: 0,
    duration_out_s: 60, duration_in_s: 0, messages_out: 7, messages_in: 10, active_days: 7,
    first_at: datetime('2024-01-05T10:00Z'), last_at: datetime('2024-01-18T10:00Z'),
    located_events: 0, unlocated_events: 18,
    sessions: 0, data_duration_s: 0, volume_up_bytes: 0, volume_down_bytes: 0
  }),
  (fatou:Subscriber {
    subscriber_id: 'fatou', namespace: 'village',
    status: 'churned', gender: 'female',
    events: 4, contacts: 1, calls_out: 4, calls_in: 0, missed_out: 2, missed_in: 0,
    duration_out_s: 45, duration_in_s: 0, messages_out: 0, messages_in: 0, active_days: 1,
    first_at: datetime('2024-01-06T11:00Z'), last_at: datetime('2024-01-06T12:00Z'),
    located_events: 0, unlocated_events: 4,
    sessions: 0, data_duration_s: 0, volume_up_bytes: 0, volume_down_bytes: 0
  }),
  (goran:Subscriber {
    subscriber_id: 'goran', namespace: 'village',
    status: 'active',
    events: 4, contacts: 1, calls_out: 0, calls_in: 4, missed_out: 0, missed_in: 2,
    duration_out_s: 0, duration_in_s: 45, messages_out: 0, messages_in: 0, active_days: 1,
    first_at: datetime('2024-01-06T11:00Z'), last_at: datetime('2024-01-06T12:00Z'),
    located_events: 0, unlocated_events: 4,
    sessions: 0, data_duration_s: 0, volume_up_bytes: 0, volume_down_bytes: 0
  }),
  (hana:Subscriber {
    subscriber_id: 'hana', namespace: 'village',
    status: 'active',
    events: 1, contacts: 1, calls_out: 0, calls_in: 0, missed_out: 0, missed_in: 0,
    duration_out_s: 0, duration_in_s: 0, messages_out: 1, messages_in: 0, active_days: 1,
    first_at: datetime('2024-01-07T07:00Z'), last_at: datetime('2024-01-07T07:00Z'),
    located_events: 0, unlocated_events: 1,
    sessions: 0, data_duration_s: 0, volume_up_bytes: 0, volume_down_bytes: 0
  }),
  (ines:Subscriber {
    subscriber_id: 'ines', namespace: 'village',
    events: 0, contacts: 0, calls_out: 0, calls_in: 0, missed_out: 0, missed_in: 0,
    duration_out_s: 0, duration_in_s: 0, messages_out: 0, messages_in: 0, active_days: 0,
    located_events: 0, unlocated_events: 0,
    sessions: 0, data_duration_s: 0, volume_up_bytes: 0, volume_down_bytes: 0
  }),
  (jonas:Subscriber {
    subscriber_id: '855928c0d7933cd312235c808cd85176', namespace: 'village',
    events: 0, contacts: 0, calls_out: 0, calls_in: 0, missed_out: 0, missed_in: 0,
    duration_out_s: 0, duration_in_s: 0, messages_out: 0, messages_in: 0, active_days: 0,
    located_events: 0, unlocated_events: 0,
    sessions: 0, data_duration_s: 0, volume_up_bytes: 0, volume_down_bytes: 0
  }),
  (kofi:Subscriber {
    subscriber_id: 'bf304a627e04eae637b3a361f3eee992', namespace: 'msisdn',
    events: 0, contacts: 0, calls_out: 0, calls_in: 0, missed_out: 0, missed_in: 0,
    duration_out_s: 0, duration_in_s: 0, messages_out: 0, messages_in: 0, active_days: 0,
    located_events: 0, unlocated_events: 0,
    sessions: 0, data_duration_s: 0, volume_up_bytes: 0, volume_down_bytes: 0
  }),
  (lena:Subscriber {
    subscriber_id: 'd07c7f6f515fab220b68761126e8e1e7', namespace: 'roaming',
    events: 0, contacts: 0, calls_out: 0, calls_in: 0, missed_out: 0, missed_in: 0,
    duration_out_s: 0, duration_in_s: 0, messages_out: 0, messages_in: 0, active_days: 0,
    located_events: 0, unlocated_events: 0,
    sessions: 0, data_duration_s: 0, volume_up_bytes: 0, volume_down_bytes: 0
  }),
  (asha)-[:CONTACTED {
    events: 8, calls: 5, missed: 1, messages: 3, duration_s: 300, active_days: 4,
    first_at: datetime('2024-01-01T08:00Z'), last_at: datetime('2024-01-19T12:00Z')
  }]->(bram),
  (bram)-[:CONTACTED {
    events: 6, calls: 2, missed: 0, messages: 4, duration_s: 120, active_days: 3,
    first_at: datetime('2024-01-01T09:00Z'), last_at: datetime('2024-01-18T12:00Z')
  }]->(asha),
  (asha)-[:CONTACTED {
    events: 2, calls: 0, missed: 0, messages: 2, duration_s: 0, active_days: 1,
    first_at: datetime('2024-01-02T09:00Z'), last_at: datetime('2024-01-02T10:00Z')
  }]->(chidi),
  (chidi)-[:CONTACTED {
    events: 1, calls: 1, missed: 1, messages: 0, duration_s: 0, active_days: 1,
    first_at: datetime('2024-01-02T11:00Z'), last_at: datetime('2024-01-02T11:00Z')
  }]->(asha),
  (asha)-[:CONTACTED {
    events: 3, calls: 3, missed: 0, messages: 0, duration_s: 90, active_days: 2,
    first_at: datetime('2024-01-04T10:00Z'), last_at: datetime('2024-01-10T10:00Z')
  }]->(dewi),
  (bram)-[:CONTACTED {
    events: 1, calls: 1, missed: 1, messages: 0, duration_s: 0, active_days: 1,
    first_at: datetime('2024-01-03T09:00Z'), last_at: datetime('2024-01-03T09:00Z')
  }]->(chidi),
  (dewi)-[:CONTACTED {
    events: 10, calls: 0, missed: 0, messages: 10, duration_s: 0, active_days: 5,
    first_at: datetime('2024-01-05T10:00Z'), last_at: datetime('2024-01-18T10:00Z')
  }]->(emil),
  (emil)-[:CONTACTED {
    events: 8, calls: 1, missed: 0, messages: 7, duration_s: 60, active_days: 4,
    first_at: datetime('2024-01-06T10:00Z'), last_at: datetime('2024-01-17T10:00Z')
  }]->(dewi),
  (fatou)-[:CONTACTED {
    events: 4, calls: 4, missed: 2, messages: 0, duration_s: 45, active_days: 1,
    first_at: datetime('2024-01-06T11:00Z'), last_at: datetime('2024-01-06T12:00Z')
  }]->(goran),
  (hana)-[:CONTACTED {
    events: 1, calls: 0, missed: 0, messages: 1, duration_s: 0, active_days: 1,
    first_at: datetime('2024-01-07T07:00Z'), last_at: datetime('2024-01-07T07:00Z')
  }]->(asha),
  (asha)-[:KNOWS {kind: 'friendship', source: 'village'}]->(bram),
  (asha)-[:KNOWS {kind: 'family', source: 'chat'}]->(bram),
  (asha)-[:KNOWS {kind: 'friendship', source: 'village'}]->(emil),
  (bram)-[:KNOWS {kind: 'colleague', source: 'village'}]->(chidi),
  (fatou)-[:KNOWS {kind: 'friendship', source: 'village'}]->(fatou),
  (region:Place {h3: '871f05901ffffff', resolution: 7, lat_deg: 55.776881, lon_deg: 12.524307}),
  (square:Place {h3: '881f059019fffff', resolution: 8, lat_deg: 55.783653, lon_deg: 12.520965}),
  (field:Place {h3: '881f059015fffff', resolution: 8, lat_deg: 55.771533, lon_deg: 12.514167}),
  (school:Place {h3: '891f0590197ffff', resolution: 9, lat_deg: 55.786148, lon_deg: 12.523385}),
  (market:Place {h3: '891f0590183ffff', resolution: 9, lat_deg: 55.783653, lon_deg: 12.520965}),
  (lake:Place {h3: '891f0590143ffff', resolution: 9, lat_deg: 55.771533, lon_deg: 12.514167}),
  (square)-[:IN]->(region),
  (field)-[:IN]->(region),
  (school)-[:IN]->(square),
  (market)-[:IN]->(square),
  (lake)-[:IN]->(field),
  (asha)-[:VISITED {
    events: 5, visits: 2, dwell_s: 600, first_at: datetime('2024-01-01T08:00Z'), last_at: datetime('2024-01-10T10:00Z')
  }]->(school),
  (asha)-[:VISITED {
    events: 9, visits: 3, dwell_s: 1200, first_at: datetime('2024-01-02T09:00Z'), last_at: datetime('2024-01-20T21:30Z')
  }]->(market),
  (bram)-[:VISITED {
    events: 5, visits: 1, dwell_s: 60, first_at: datetime('2024-01-01T08:00Z'), last_at: datetime('2024-01-01T08:01Z')
  }]->(school),
  (chidi)-[:VISITED {
    events: 1, visits: 1, dwell_s: 0, first_at: datetime('2024-01-03T09:00Z'), last_at: datetime('2024-01-03T09:00Z')
  }]->(lake),
  (mast:Cell {cell_id: 'village:mast', namespace: 'village', lat_deg: 55.785, lon_deg: 12.522}),
  (mast)-[:COVERS {share: 0.25}]->(school),
  (mast)-[:COVERS {share: 0.75}]->(market),
  (gold:Package {package_id: 'village:gold', namespace: 'village', name: 'Gold', kind: 'contract',
    price_minor: 2999, currency: 'EUR', allowance_bytes: 20000000000, allowance_s: 6000, allowance_messages: 500}),
  (data:Package {package_id: 'village:data', namespace: 'village', name: 'Data', kind: 'internet'}),
  (asha)-[:SUBSCRIBES_TO {since: date('2024-01-01'), monthly_charge_minor: 2999, currency: 'EUR'}]->(gold),
  (asha)-[:SUBSCRIBES_TO {
    since: date('2024-02-01'), until: date('2024-06-01'), monthly_charge_minor: 999, currency: 'EUR'
  }]->(data),
  (bram)-[:SUBSCRIBES_TO {monthly_charge_minor: 2999, currency: 'EUR'}]->(gold),
  (asha)-[:PAID]->(:Payment {
    payment_id: 'pay-1', amount_minor: 2999, currency: 'EUR', paid_at: datetime('2024-01-31T10:00Z'), channel: 'card', kind: 'charges'
  }),
  (asha)-[:PAID]->(:Payment {
    payment_id: 'pay-2', amount_minor: 2999, currency: 'EUR', paid_at: datetime('2024-02-29T10:00Z'), channel: 'card', kind: 'charges'
  }),
  (asha)-[:PAID]->(:Payment {
    payment_id: 'pay-3', amount_minor: -500, currency: 'EUR', kind: 'refund'
  }),
  (bram)-[:PAID]->(:Payment {
    payment_id: 'pay-4', amount_minor: 2999, currency: 'EUR', paid_at: datetime('2024-01-31T11:00Z'), channel: 'transfer', kind: 'charges'
  }),
  (five:Device {
    tac: 'village:35', namespace: 'village', maker: 'Fair', model: 'Five', operating_system: 'Android 14', kind: 'smartphone'
  }),
  (unknown:Device {tac: 'village:36', namespace: 'village'}),
  (asha)-[:OWNS {since: datetime('2024-01-01T08:00Z'), until: datetime('2024-01-20T21:00Z')}]->(five),
  (asha)-[:OWNS {since: datetime('2023-06-01T00:00Z')}]->(unknown),
  (bram)-[:OWNS]->(five),
  (chat:App {app_id: 'village:chat', namespace: 'village', name: 'Chat', category: 'social', maker: 'Talk'}),
  (maps:App {app_id: 'village:maps', namespace: 'village', name: 'Maps', category: 'travel'}),
  (tube:App {app_id: 'village:tube', namespace: 'village'}),
  (messaging:Service {service_id: 'messaging'}),
  (video:Service {service_id: 'video'}),
  (web:Service {service_id: 'web'}),
  (asha)-[:USED {
    sessions: 3, duration_s: 600, volume_up_bytes: 1000, volume_down_bytes: 5000,
    first_at: datetime('2024-01-01T08:00Z'), last_at: datetime('2024-01-10T09:00Z')
  }]->(maps),
  (asha)-[:USED {
    sessions: 5, duration_s: 300, volume_up_bytes: 500, volume_down_bytes: 3000,
    first_at: datetime('2024-01-02T08:00Z'), last_at: datetime('2024-01-20T21:00Z')
  }]->(chat),
  (bram)-[:USED {
    sessions: 2, duration_s: 40, volume_up_bytes: 20, volume_down_bytes: 0,
    first_at: datetime('2024-01-02T08:00Z'), last_at: datetime('2024-01-03T08:00Z')
  }]->(chat),
  (asha)-[:USED_SERVICE {
    sessions: 4, duration_s: 660, volume_up_bytes: 1000, volume_down_bytes: 6000,
    first_at: datetime('2024-01-01T08:00Z'), last_at: datetime('2024-01-11T09:00Z')
  }]->(web),
  (asha)-[:USED_SERVICE {
    sessions: 5, duration_s: 300, volume_up_bytes: 500, volume_down_bytes: 3000,
    first_at: datetime('2024-01-02T08:00Z'), last_at: datetime('2024-01-20T21:00Z')
  }]->(messaging),
  (bram)-[:USED_SERVICE {
    sessions: 2, duration_s: 40, volume_up_bytes: 20, volume_down_bytes: 0,
    first_at: datetime('2024-01-02T08:00Z'), last_at: datetime('2024-01-03T08:00Z')
  }]->(messaging),
  (asha)-[:HAD]->(:Touchpoint {
    touchpoint_id: 'touch-1', stage: 'choose', at: datetime('2024-01-05T15:00Z'), channel: 'shop'
  }),
  (asha)-[:HAD]->(:Touchpoint {
    touchpoint_id: 'touch-2', stage: 'get_help', at: datetime('2024-01-10T09:30Z'),
    channel: 'hotline', topic: 'bill', outcome: 'solved', duration_s: 300
  }),
  (bram)-[:HAD]->(:Touchpoint {
    touchpoint_id: 'touch-3', stage: 'get_help', at: datetime('2024-01-11T09:30Z'), channel: 'app'
  }),
  (asha)-[:ANSWERED]->(opinion:Survey {
    survey_id: 'answer-1', kind: 'mos', score: 4.5, answered_at: datetime('2024-01-12T10:00Z'), session_id: 'session-1'
  }),
  (opinion)-[:ABOUT]->(video),
  (opinion)-[:ABOUT]->(tube),
  (asha)-[:ANSWERED]->(:Survey {
    survey_id: 'answer-2', kind: 'nps', score: 9.0, answered_at: datetime('2024-01-12T10:00Z')
  }),
  (bram)-[:ANSWERED]->(complaint:Survey {
    survey_id: 'answer-3', kind: 'csat', score: 2.0, answered_at: datetime('2024-01-13T10:00Z')
  }),
  (complaint)-[:ABOUT]->(messaging)
