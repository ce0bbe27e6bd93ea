CREATE TRIGGER moderation_actions_are_not_changed BEFORE UPDATE ON moderation_actions
BEGIN SELECT RAISE(ABORT, 'moderation actions are only appended to'); END;
CREATE TRIGGER moderation_actions_are_not_cut BEFORE DELETE ON moderation_actions
BEGIN SELECT RAISE(ABORT, 'moderation actions are only appended to'); END;
