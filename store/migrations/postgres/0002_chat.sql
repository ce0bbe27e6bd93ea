CREATE FUNCTION moderation_actions_are_only_appended_to() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'moderation actions are only appended to'; END $$;
CREATE TRIGGER moderation_actions_are_kept BEFORE UPDATE OR DELETE ON moderation_actions
    FOR EACH ROW EXECUTE FUNCTION moderation_actions_are_only_appended_to();
CREATE TRIGGER moderation_actions_are_not_emptied BEFORE TRUNCATE ON moderation_actions
    FOR EACH STATEMENT EXECUTE FUNCTION moderation_actions_are_only_appended_to();
