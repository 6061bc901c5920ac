-- Text of the world: search finds it without accents and case, and one letter is stored in one way.

-- Finds a part of a text by an index. It is in the same package as btree_gist.
create extension if not exists pg_trgm;

-- A text as a search compares it: without case, accents, points and other marks above and below letters, and without
-- characters that cannot be seen. Letters that look different and are found by the same key are one, such as ø and o.
create function folded(words text) returns text
    language sql immutable strict parallel safe
    return replace(replace(replace(replace(
        translate(
            lower(regexp_replace(
                normalize(words, nfkd),
                '[\u00ad\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff]',
                '', 'g'
            )),
            'øđðħıłŧŋ’‘ʼ', 'oddhiltn'''''''
        ),
        'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th');

-- The pattern of a text that contains these words.
create function containing(words text) returns text
    language sql immutable strict parallel safe
    return '%' || regexp_replace(folded(words), '([%_\\])', '\\\1', 'g') || '%';

-- What was stored before text was normalised at the door.
update patients set name = normalize(name) where name is not normalized;
update staff set name = normalize(name) where name is not normalized;
update doctors
set name = normalize(name), speciality = normalize(speciality), about = normalize(about)
where name is not normalized or speciality is not normalized or about is not normalized;
update services set name = normalize(name) where name is not normalized;
update clinics set address = normalize(address), city = normalize(city)
where address is not normalized or city is not normalized;
-- Two clinics whose names only look the same keep them.
update clinics set name = normalize(name)
where name is not normalized
  and not exists (select from clinics as other
                  where other.id <> clinics.id and normalize(other.name) = normalize(clinics.name));

-- By what a search finds patients and doctors.
alter table patients add column folded_name text generated always as (folded(name)) stored;
alter table doctors
    add column folded_words text not null generated always as (folded(name || ' ' || speciality)) stored;
create index patients_folded_name_idx on patients using gin (folded_name gin_trgm_ops);
create index patients_phone_part_idx on patients using gin (phone gin_trgm_ops);
create index doctors_folded_words_idx on doctors using gin (folded_words gin_trgm_ops);
